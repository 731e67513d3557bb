#include "s3d/xml.h"

#include <algorithm>

namespace herder::s3d {

namespace {

std::string unescape(std::string_view text) {
    static constexpr std::pair<std::string_view, char> kEntities[] = {
        {"&amp;", '&'},   {"&lt;", '<'},  {"&gt;", '>'},  {"&quot;", '"'},
        {"&apos;", '\''}, {"&#34;", '"'}, {"&#39;", '\''}};
    std::string out;
    while (!text.empty()) {
        const auto* known = std::find_if(std::begin(kEntities), std::end(kEntities),
                                         [&](const auto& e) { return text.starts_with(e.first); });
        const bool is_entity = known != std::end(kEntities);
        out += is_entity ? known->second : text.front();
        text.remove_prefix(is_entity ? known->first.size() : 1);
    }
    return out;
}

// A name without its namespace prefix and attributes.
std::string local_name(std::string_view tag) {
    tag = tag.substr(0, tag.find_first_of(" \t\r\n/"));
    const std::size_t colon = tag.find(':');
    return std::string(colon == std::string_view::npos ? tag : tag.substr(colon + 1));
}

}  // namespace

XmlWriter& XmlWriter::open(std::string_view name, std::string_view attributes) {
    text_ +=
        "<" + std::string(name) + (attributes.empty() ? "" : " ") + std::string(attributes) + ">";
    open_.emplace_back(name);
    return *this;
}

XmlWriter& XmlWriter::close() {
    text_ += "</" + open_.back() + ">";
    open_.pop_back();
    return *this;
}

XmlWriter& XmlWriter::leaf(std::string_view name, std::string_view value) {
    text_ += "<" + std::string(name) + ">" + xml_escape(value) + "</" + std::string(name) + ">";
    return *this;
}

std::string XmlWriter::finish() {
    while (!open_.empty())
        close();
    return std::move(text_);
}

std::string xml_escape(std::string_view text) {
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

Result<std::vector<XmlRecord>> xml_records(std::string_view document, std::string_view parent) {
    std::vector<XmlRecord> records;
    std::vector<std::string> stack;
    std::string text;
    while (!document.empty()) {
        if (document.front() != '<') {
            const std::size_t end = std::min(document.find('<'), document.size());
            text.assign(document.substr(0, end));
            document.remove_prefix(end);
            continue;
        }
        const std::size_t end = document.find('>');
        if (end == std::string_view::npos) return invalid("the XML ends within a tag");
        const std::string_view tag = document.substr(1, end - 1);
        document.remove_prefix(end + 1);
        if (tag.starts_with('?') || tag.starts_with('!')) continue;
        if (!tag.starts_with('/')) {
            if (local_name(tag) == parent) records.emplace_back();
            if (!tag.ends_with('/')) stack.push_back(local_name(tag));
            text.clear();
            continue;
        }
        if (stack.empty() || stack.back() != local_name(tag.substr(1))) {
            return invalid("the XML's tags do not match");
        }
        stack.pop_back();
        if (!stack.empty() && stack.back() == parent) {
            records.back().emplace_back(local_name(tag.substr(1)), unescape(text));
        }
        text.clear();
    }
    if (!stack.empty()) return invalid("the XML is cut off");
    return records;
}

}  // namespace herder::s3d
