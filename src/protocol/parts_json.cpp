#include "protocol/parts_json.h"

#include <algorithm>

#include "protocol/agent_fields.h"

namespace herder::protocol {

template <class S, class V>
void fields(As<PartsRequest>, S& s, V& v) {
    v("checkpoint", s.checkpoint);
    v("index", s.index);
    v("from", s.from);
    v("crc32c", s.crc32c);
    v("files", s.files);
}
template <class S, class V>
void fields(As<PartUrl>, S& s, V& v) {
    v("number", s.number);
    v("offset", s.offset);
    v("size", s.size);
    v("url", s.url);
    v("headers", s.headers);
    v("file", s.file);
}
template <class S, class V>
void fields(As<PartsResponse>, S& s, V& v) {
    v("parts", s.parts);
    v("next", s.next);
    v("next_file", s.next_file);
}

std::string to_json(const PartsRequest& request) {
    return write_document(request);
}
Result<PartsRequest> parse_parts_request(std::string_view text) {
    auto request = read_document<PartsRequest>(text, kPartsSizeMax);
    if (request && (request->index < 0 || request->from < 1 || request->from > kPartNumberMax)) {
        return invalid("reading a request for parts: there is no such part");
    }
    if (request && (request->files < 1 || request->files > kPartsWindow)) {
        return invalid("reading a request for parts: 'files' must be 1 to " +
                       std::to_string(kPartsWindow));
    }
    return std::move(request).with_context("reading a request for parts");
}

namespace {

// URLs and names hold nothing that JSON escapes, and need no look at each character's kind.
void append_text(std::string& out, const std::string& text) {
    // Without a way out of the loop the compiler looks at many characters at once.
    int others = 0;
    for (const char c : text)
        others |= static_cast<int>(c < ' ') | static_cast<int>(c > '~') |
                  static_cast<int>(c == '"') | static_cast<int>(c == '\\');
    if (others != 0) {
        out += Json(text).to_text();
        return;
    }
    out.append("\"").append(text).append("\"");
}

void append_field(std::string& out, const char* name, std::int64_t value) {
    out.append("\"").append(name).append("\":").append(std::to_string(value)).append(",");
}

void append_part(std::string& out, const PartUrl& part) {
    out += '{';
    append_field(out, "number", part.number);
    append_field(out, "offset", part.offset.count);
    append_field(out, "size", part.size.count);
    append_field(out, "file", part.file);
    out += "\"headers\":{";
    for (const auto& [name, value] : part.headers) {
        if (!out.ends_with('{')) out += ',';
        append_text(out, name);
        out += ':';
        append_text(out, value);
    }
    out += "},\"url\":";
    append_text(out, part.url);
    out += '}';
}

}  // namespace

// Written by hand: a large checkpoint has thousands of these, and a tree of values made of each
// costs as much as to sign them.
std::string to_json(const PartsResponse& response) {
    std::string out = "{";
    append_field(out, "next", response.next);
    append_field(out, "next_file", response.next_file);
    out += "\"parts\":[";
    for (const PartUrl& part : response.parts) {
        if (!out.ends_with('[')) out += ',';
        append_part(out, part);
    }
    return out + "]}";
}
Result<PartsResponse> parse_parts_response(std::string_view text) {
    return read_document<PartsResponse>(text, kPartsSizeMax).with_context("reading the parts");
}

}  // namespace herder::protocol
