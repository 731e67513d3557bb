#include "config/yaml.h"

#include <libfyaml.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "config/plain_text.h"

namespace herder::config {

namespace {

bool is_one_of(const std::string& text, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_sign(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return text;
}

// [0-9]+(.[0-9]*)?([eE][+-]?[0-9]+)? or .[0-9]+ with exponent.
bool is_decimal(std::string_view text) {
    const std::size_t e = text.find_first_of("eE");
    if (e != std::string_view::npos) {
        if (!is_digits(without_sign(text.substr(e + 1)))) return false;
        text = text.substr(0, e);
    }
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return is_digits(text);
    const std::string_view whole = text.substr(0, dot);
    const std::string_view rest = text.substr(dot + 1);
    return (whole.empty() || is_digits(whole)) && (rest.empty() || is_digits(rest)) &&
           whole.size() + rest.size() > 0;
}

struct ParserCloser {
    void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};
struct DiagCloser {
    void operator()(fy_diag* diag) const { fy_diag_unref(diag); }
};

// Builds the tree from libfyaml's events; their types carry every mark that a message needs.
class Builder {
  public:
    explicit Builder(fy_parser* parser) : parser_(parser) {}

    // False after a syntax error, which the diagnostics hold, or with error() set.
    bool build(Node& root) {
        int documents = 0;
        while (advance()) {
            if (is(FYET_STREAM_END)) return true;
            if (is(FYET_DOCUMENT_START) && ++documents > 1) {
                return refuse("a second document begins here", "write one document in a file");
            }
            if (is(FYET_SCALAR) || is(FYET_MAPPING_START) || is(FYET_SEQUENCE_START) ||
                is(FYET_ALIAS)) {
                if (!take(root, 0)) return false;
            }
        }
        return false;
    }
    const std::optional<YamlError>& error() const { return error_; }

  private:
    struct EventCloser {
        fy_parser* parser;
        void operator()(fy_event* event) const { fy_parser_event_free(parser, event); }
    };

    bool advance() {
        event_.reset();
        event_ = {fy_parser_parse(parser_), EventCloser{parser_}};
        return event_ != nullptr;
    }
    bool is(fy_event_type type) const { return event_->type == type; }

    Place here() const {
        const fy_mark* start = fy_event_start_mark(event_.get());
        if (start == nullptr) return last_;
        Place place{start->line + 1, start->column + 1, 1};
        const fy_mark* end = fy_event_end_mark(event_.get());
        if (end != nullptr && end->line == start->line && end->column > start->column) {
            place.length = end->column - start->column;
        }
        return place;
    }

    bool refuse(std::string message, std::string help) {
        error_ = YamlError{here(), std::move(message), std::move(help)};
        return false;
    }

    // The current event begins a node.
    bool take(Node& node, int depth) {
        if (depth > kYamlDepthMax) return refuse("nested too deeply", "");
        node.place = last_ = here();
        if (is(FYET_ALIAS) || fy_event_get_anchor_token(event_.get()) != nullptr) {
            return refuse("anchors and aliases are not supported yet", "write the value out");
        }
        if (fy_event_get_tag_token(event_.get()) != nullptr) {
            return refuse("tags such as !!str are not supported", "quote text with \"\" instead");
        }
        if (is(FYET_SCALAR)) return take_scalar(node);
        if (is(FYET_SEQUENCE_START)) return take_sequence(node, depth);
        return take_mapping(node, depth);
    }

    bool take_scalar(Node& node) {
        std::size_t length = 0;
        fy_token* token = event_->scalar.value;
        const char* text = fy_token_get_text(token, &length);
        node.kind = Node::Kind::kScalar;
        node.text = text == nullptr ? std::string() : std::string(text, length);
        node.plain = fy_token_scalar_style(token) == FYSS_PLAIN;
        return true;
    }

    bool take_sequence(Node& node, int depth) {
        node.kind = Node::Kind::kSequence;
        while (advance()) {
            if (is(FYET_SEQUENCE_END)) return true;
            if (!take(node.items.emplace_back(), depth + 1)) return false;
        }
        return false;
    }

    bool take_mapping(Node& node, int depth) {
        node.kind = Node::Kind::kMapping;
        while (advance()) {
            if (is(FYET_MAPPING_END)) return true;
            Node key;
            if (!take(key, depth + 1)) return false;
            if (!key.is_scalar()) return refuse("a key must be text", "");
            if (!is_new_key(node, key)) return false;
            if (!advance()) return false;
            Entry& entry = node.entries.emplace_back();
            entry.key = key.text;
            entry.key_place = key.place;
            if (!take(entry.value, depth + 1)) return false;
        }
        return false;
    }

    bool is_new_key(const Node& mapping, const Node& key) {
        const auto same = std::find_if(mapping.entries.begin(), mapping.entries.end(),
                                       [&](const Entry& entry) { return entry.key == key.text; });
        if (same == mapping.entries.end()) return true;
        return refuse("key '" + key.text + "' is given twice",
                      "it stands in line " + std::to_string(same->key_place.line) +
                          " already; keep one of the two");
    }

    fy_parser* parser_;
    std::unique_ptr<fy_event, EventCloser> event_{nullptr, EventCloser{nullptr}};
    Place last_;
    std::optional<YamlError> error_;
};

YamlError first_problem(fy_diag* diag) {
    void* at = nullptr;
    const fy_diag_error* found = fy_diag_errors_iterate(diag, &at);
    if (found == nullptr) return {{}, "this is not YAML", ""};
    const Place place{std::max(found->line, 1), std::max(found->column, 1), 1};
    return {place, found->msg == nullptr ? "this is not YAML" : found->msg, ""};
}

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

// libfyaml names the token; a newcomer wants to know what to change in which line.
YamlError with_help(YamlError error, const std::string& text) {
    const std::vector<std::string> lines = split_lines(text);
    if (lines.empty()) return error;
    if (error.place.line > static_cast<int>(lines.size())) {  // the end of the file was a surprise
        error.place = {static_cast<int>(lines.size()), 1, static_cast<int>(lines.back().size())};
    }
    const std::string& line = lines[static_cast<std::size_t>(error.place.line) - 1];
    const std::size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    if (error.message.find("closing") != std::string::npos) {
        error.help = "somewhere above a [ or { is not closed";
    } else if (line.substr(0, indent).find('\t') != std::string::npos) {
        error.help = "indent with spaces, YAML takes no tabs";
    } else if (line.find(": ") != line.rfind(": ")) {
        error.help = "put text that contains ': ' in quotes";
    } else {
        error.help = "look at the indentation, the brackets and the quotes around here";
    }
    return error;
}

}  // namespace

bool Node::is_null() const {
    return is_scalar() && plain && is_one_of(text, {"", "~", "null", "Null", "NULL"});
}
bool Node::is_bool() const {
    return is_scalar() && plain &&
           is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"});
}
bool Node::is_integer() const {
    return is_scalar() && plain && is_digits(without_sign(text));
}
bool Node::is_number() const {
    return is_scalar() && plain && is_decimal(without_sign(text));
}
bool Node::is_string() const {
    return is_scalar() && !is_null() && !is_bool() && !is_number();
}
const char* Node::describe() const {
    if (is_sequence()) return "a list";
    if (is_mapping()) return "a mapping";
    if (is_null()) return "nothing";
    if (is_bool()) return "true or false";
    if (is_number()) return "a number";
    return "text";
}

std::variant<Node, YamlError> parse_yaml(const std::string& text) {
    if (text.size() > kYamlBytesMax) return YamlError{{}, "the file is larger than 1 MiB", ""};
    if (std::optional<TextFlaw> flaw = find_text_flaw(text)) {
        return YamlError{{flaw->line, flaw->column, 1}, flaw->message, flaw->help};
    }
    fy_diag_cfg diag_cfg{};
    fy_diag_cfg_default(&diag_cfg);
    const std::unique_ptr<fy_diag, DiagCloser> diag(fy_diag_create(&diag_cfg));
    if (diag == nullptr) return YamlError{{}, "no memory for the YAML parser", ""};
    fy_diag_set_collect_errors(diag.get(), true);
    fy_parse_cfg cfg{};
    cfg.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_COLLECT_DIAG |
                                                FYPCF_DEFAULT_VERSION_1_2);
    cfg.diag = diag.get();
    const std::unique_ptr<fy_parser, ParserCloser> parser(fy_parser_create(&cfg));
    if (parser == nullptr || fy_parser_set_string(parser.get(), text.data(), text.size()) != 0) {
        return YamlError{{}, "the YAML parser does not start", ""};
    }
    Node root;
    root.kind = Node::Kind::kMapping;
    Builder builder(parser.get());
    if (builder.build(root)) {
        if (root.is_null()) root.kind = Node::Kind::kMapping;
        return root;
    }
    if (builder.error()) return *builder.error();
    return with_help(first_problem(diag.get()), text);
}

Status set_path(Node& root, const std::string& path, const std::string& value) {
    std::variant<Node, YamlError> parsed = parse_yaml(value);
    if (const auto* error = std::get_if<YamlError>(&parsed)) {
        return invalid("the value for " + path + " is not YAML: " + error->message);
    }
    Node* at = &root;
    std::size_t begin = 0;
    while (begin <= path.size()) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        const std::string key = path.substr(begin, end - begin);
        if (key.empty()) return invalid("'" + path + "' is not a path like resources.max_price");
        if (!at->is_mapping() && !at->is_null()) {
            return invalid("'" + path + "' goes through a value that is no mapping");
        }
        at->kind = Node::Kind::kMapping;
        auto found = std::find_if(at->entries.begin(), at->entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
        if (found == at->entries.end()) {
            at->entries.push_back({key, root.place, {}});
            found = at->entries.end() - 1;
        }
        at = &found->value;
        begin = end + 1;
    }
    const bool nothing = value.find_first_not_of(' ') == std::string::npos;
    *at = nothing ? Node{} : std::get<Node>(std::move(parsed));
    at->place = root.place;
    return ok();
}

}  // namespace herder::config
