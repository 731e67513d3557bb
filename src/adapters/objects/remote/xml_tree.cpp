#include "adapters/objects/remote/xml_tree.h"

#include <algorithm>
#include <charconv>

namespace herder::remote {

namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kNodesMax = 200'000;

const XmlNode kNone;

Error malformed(const std::string& why) {
    return {ErrorCode::kCorrupt, "the answer is no XML that we read: " + why};
}

void append_utf8(std::uint32_t code, std::string& out) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | code >> 18U);
        out += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

bool append_entity(std::string_view name, std::string& out) {
    if (name == "amp")
        out += '&';
    else if (name == "lt")
        out += '<';
    else if (name == "gt")
        out += '>';
    else if (name == "quot")
        out += '"';
    else if (name == "apos")
        out += '\'';
    else if (name.starts_with('#')) {
        const bool is_hex = name.starts_with("#x");
        const std::string_view digits = name.substr(is_hex ? 2 : 1);
        std::uint32_t code = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, is_hex ? 16 : 10);
        if (error != std::errc() || end != digits.data() + digits.size() || code > 0x10FFFF)
            return false;
        append_utf8(code, out);
    } else {
        return false;
    }
    return true;
}

class Reader {
  public:
    explicit Reader(std::string_view document) : rest_(document) {}

    Result<XmlNode> read() {
        if (auto skipped = skip_prolog(); !skipped) return skipped.error();
        XmlNode root;
        if (auto done = read_element(root, 0); !done) return done.error();
        return root;
    }

  private:
    Status skip_prolog() {
        while (true) {
            rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
            const bool is_comment = rest_.starts_with("<!--");
            if (!rest_.starts_with("<?") && !is_comment) return ok();
            const std::string_view close = is_comment ? "-->" : "?>";
            const std::size_t end = rest_.find(close);
            if (end == std::string_view::npos) return malformed("it is cut off");
            rest_.remove_prefix(end + close.size());
        }
    }

    // `rest_` begins with the element's '<'.
    Status read_element(XmlNode& node, int depth) {
        if (!rest_.starts_with('<') || rest_.starts_with("<!")) return malformed("no element");
        if (depth > kDepthMax || ++count_ > kNodesMax) return malformed("it is too large");
        const std::size_t end = rest_.find('>');
        if (end == std::string_view::npos) return malformed("it is cut off");
        std::string_view tag = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        const bool is_empty = tag.ends_with('/');
        if (is_empty) tag.remove_suffix(1);
        const std::string full(tag.substr(0, tag.find_first_of(" \t\r\n")));
        node.name = full.substr(full.find(':') == std::string::npos ? 0 : full.find(':') + 1);
        if (is_empty) return ok();
        return read_content(node, full, depth);
    }

    Status read_content(XmlNode& node, const std::string& full, int depth) {
        while (true) {
            const std::size_t next = rest_.find('<');
            if (next == std::string_view::npos) return malformed("it is cut off");
            if (auto added = add_text(rest_.substr(0, next), node.text); !added) return added;
            rest_.remove_prefix(next);
            if (!rest_.starts_with("</")) {
                XmlNode& child = node.children.emplace_back();
                if (auto done = read_element(child, depth + 1); !done) return done;
                continue;
            }
            const std::size_t end = rest_.find('>');
            if (end == std::string_view::npos) return malformed("it is cut off");
            if (rest_.substr(2, end - 2) != full) return malformed("its tags do not match");
            rest_.remove_prefix(end + 1);
            if (!node.children.empty()) node.text.clear();
            return ok();
        }
    }

    static Status add_text(std::string_view raw, std::string& out) {
        while (!raw.empty()) {
            const std::size_t mark = std::min(raw.find('&'), raw.size());
            out += raw.substr(0, mark);
            raw.remove_prefix(mark);
            if (raw.empty()) break;
            const std::size_t end = raw.find(';');
            if (end == std::string_view::npos || !append_entity(raw.substr(1, end - 1), out)) {
                return malformed("an unknown entity");
            }
            raw.remove_prefix(end + 1);
        }
        return ok();
    }

    std::string_view rest_;
    std::size_t count_ = 0;
};

}  // namespace

const XmlNode& XmlNode::child(std::string_view wanted) const {
    for (const XmlNode& node : children) {
        if (node.name == wanted) return node;
    }
    return kNone;
}

Result<XmlNode> parse_xml(std::string_view document) {
    // Azure begins its answers with a byte order mark.
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (document.starts_with(kMark)) document.remove_prefix(kMark.size());
    return Reader(document).read();
}

Result<XmlNode> parse_answer(std::string_view document) {
    auto root = parse_xml(document);
    if (root && root->name == "Error") {
        return unavailable("the store answered with the error " + (*root)["Code"]);
    }
    return root;
}

std::int64_t to_number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string escape_xml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

}  // namespace herder::remote
