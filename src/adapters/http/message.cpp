#include "adapters/http/message.h"

#include <algorithm>

namespace herder::http {
namespace {

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "tchar" of RFC 9110, section 5.6.2.
bool is_token_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_char);
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return to_lower(x) == to_lower(y);
           });
}

void Headers::set(std::string_view name, std::string value) {
    remove(name);
    fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_,
                  [name](const Field& field) { return equal_ignoring_case(field.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
    for (const Field& field : fields_) {
        if (equal_ignoring_case(field.first, name)) return field.second;
    }
    return std::nullopt;
}

std::string_view Request::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

Result<std::vector<std::string>> Request::path_segments() const {
    std::vector<std::string> segments;
    std::string_view rest = path();
    if (!rest.starts_with('/')) return invalid("request path does not start with '/'");
    rest.remove_prefix(1);
    while (!rest.empty()) {
        const std::size_t end = rest.find('/');
        Result<std::string> segment = percent_decode(rest.substr(0, end));
        if (!segment) return segment.error();
        if (*segment == "." || *segment == ".." || segment->find('\0') != std::string::npos) {
            return invalid("request path holds a part that is not allowed");
        }
        segments.push_back(std::move(*segment));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return segments;
}

Result<Query> Request::query() const {
    const std::size_t mark = target.find('?');
    if (mark == std::string::npos) return Query{};
    return Query::parse(std::string_view(target).substr(mark + 1));
}

std::optional<std::string> Request::bearer_token() const {
    const std::optional<std::string_view> value = headers.get("Authorization");
    constexpr std::string_view kScheme = "Bearer ";
    if (!value || !equal_ignoring_case(value->substr(0, kScheme.size()), kScheme)) {
        return std::nullopt;
    }
    std::string_view token = value->substr(kScheme.size());
    while (token.starts_with(' '))
        token.remove_prefix(1);
    if (token.empty()) return std::nullopt;
    return std::string(token);
}

Response make_response(int status, std::string content_type, std::string body) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
}

const char* reason_phrase(int status) {
    static constexpr std::pair<int, const char*> kPhrases[] = {
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {426, "Upgrade Required"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {507, "Insufficient Storage"},
    };
    for (const auto& [known, phrase] : kPhrases) {
        if (known == status) return phrase;
    }
    return "Unknown";
}

bool is_valid_method(std::string_view method) {
    return method.size() <= 32 && is_token(method);
}

bool is_valid_target(std::string_view target) {
    return target.starts_with('/') && target.size() <= kUrlSizeMax &&
           std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

bool is_valid_header_name(std::string_view name) {
    return is_token(name);
}

bool is_valid_header_value(std::string_view value) {
    return std::ranges::all_of(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return c == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

Status check_headers(const Headers& headers) {
    for (const auto& [name, value] : headers) {
        if (!is_valid_header_name(name))
            return invalid("a header name holds a character that is not allowed");
        if (!is_valid_header_value(value)) {
            return invalid("header '" + name + "' holds a line break or control character");
        }
    }
    return ok();
}

}  // namespace herder::http
