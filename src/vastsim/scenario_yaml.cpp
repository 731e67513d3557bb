// The one file of vastsim that uses libfyaml (docs/adr/0015).
#include "vastsim/scenario_yaml.h"

#include <libfyaml.h>

#include <charconv>
#include <memory>
#include <string>

namespace herder::vastsim {

namespace {

constexpr int kDepthMost = 16;

struct DocumentCloser {
    void operator()(fy_document* document) const { fy_document_destroy(document); }
};
struct DiagCloser {
    void operator()(fy_diag* diag) const { fy_diag_unref(diag); }
};

Result<Json> convert(fy_node* node, int depth);

// Unquoted words of JSON keep their meaning; everything else is text.
Json scalar(fy_node* node) {
    std::size_t length = 0;
    const char* chars = fy_node_get_scalar(node, &length);
    const std::string_view text(chars == nullptr ? "" : chars, chars == nullptr ? 0 : length);
    if (fy_node_get_style(node) != FYNS_PLAIN) return text;
    if (text == "true") return true;
    if (text == "false") return false;
    if (text.empty() || text == "null" || text == "~") return {};
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    const auto integer = std::from_chars(text.data(), end, whole);
    if (integer.ec == std::errc{} && integer.ptr == end) return whole;
    const Result<double> number = Json(text).to_number();
    return number ? Json(*number) : Json(text);
}

Result<Json> sequence(fy_node* node, int depth) {
    Json out = Json::array();
    void* at = nullptr;
    while (fy_node* item = fy_node_sequence_iterate(node, &at)) {
        Result<Json> value = convert(item, depth + 1);
        if (!value) return value;
        out.push(std::move(*value));
    }
    return out;
}

Result<Json> mapping(fy_node* node, int depth) {
    Json out = Json::object();
    void* at = nullptr;
    while (fy_node_pair* pair = fy_node_mapping_iterate(node, &at)) {
        std::size_t length = 0;
        const char* key = fy_node_get_scalar(fy_node_pair_key(pair), &length);
        if (key == nullptr) return invalid("a key must be text");
        Result<Json> value = convert(fy_node_pair_value(pair), depth + 1);
        if (!value) return value;
        out.set(std::string(key, length), std::move(*value));
    }
    return out;
}

Result<Json> convert(fy_node* node, int depth) {
    if (node == nullptr) return Json();
    if (depth > kDepthMost) return invalid("nested too deeply");
    if (fy_node_is_alias(node)) return invalid("anchors and aliases are not supported");
    if (fy_node_is_mapping(node)) return mapping(node, depth);
    if (fy_node_is_sequence(node)) return sequence(node, depth);
    return scalar(node);
}

// How many bytes the UTF-8 sequence beginning with `first` has; 0: none begins so.
std::size_t sequence_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first < 0xE0) return 2;
    if (first >= 0xE0 && first < 0xF0) return 3;
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

// libfyaml may not come back from text that is not UTF-8.
bool is_plain_text(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = sequence_length(first);
        const bool control = first < 0x20 && first != '\n' && first != '\r' && first != '\t';
        if (length == 0 || control || first == 0x7F || i + length > text.size()) return false;
        for (std::size_t k = 1; k < length; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
        }
        i += length;
    }
    return true;
}

}  // namespace

Result<Json> parse_yaml(std::string_view text) {
    if (!is_plain_text(text)) return invalid("not UTF-8 text");
    fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    const std::unique_ptr<fy_diag, DiagCloser> diag(fy_diag_create(&quiet));
    fy_diag_set_collect_errors(diag.get(), true);
    fy_parse_cfg config{};
    config.flags = FYPCF_QUIET;
    config.diag = diag.get();
    const std::unique_ptr<fy_document, DocumentCloser> document(
        fy_document_build_from_string(&config, text.data(), text.size()));
    if (document == nullptr) {
        void* at = nullptr;
        const fy_diag_error* error = fy_diag_errors_iterate(diag.get(), &at);
        if (error == nullptr) return invalid("not valid YAML");
        return invalid("not valid YAML: line " + std::to_string(error->line + 1) + ": " +
                       error->msg);
    }
    return convert(fy_document_root(document.get()), 0);
}

}  // namespace herder::vastsim
