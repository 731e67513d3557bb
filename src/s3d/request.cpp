#include "s3d/request.h"

#include <algorithm>
#include <cctype>

namespace herder::s3d {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

Status parse_query(std::string_view text, Request& request) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (one.empty()) continue;
        const std::size_t equals = std::min(one.find('='), one.size());
        const auto name = decode(one.substr(0, equals), false);
        const auto value = decode(one.substr(std::min(equals + 1, one.size())), false);
        if (!name || !value) return invalid("the query has a broken escape");
        request.query.emplace_back(*name, *value);
    }
    return ok();
}

Status parse_target(std::string_view target, Request& request) {
    // An absolute form is allowed for proxies; only its path counts.
    if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos) {
        const std::size_t slash = target.find('/', scheme + 3);
        target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.raw_path = target.substr(0, mark);
    const auto path = decode(request.raw_path, false);
    if (!path || path->empty() || path->front() != '/') return invalid("the path is malformed");
    request.path = *path;
    return parse_query(target.substr(std::min(mark + 1, target.size())), request);
}

}  // namespace

std::optional<std::string> Request::header(const std::string& name) const {
    const auto found = headers.find(name);
    if (found == headers.end()) return std::nullopt;
    return found->second;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

Result<Request> parse_head(std::string_view head) {
    Request request;
    const std::size_t line_end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, line_end);
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first ||
        !line.substr(last).starts_with(" HTTP/1.")) {
        return invalid("the request line is malformed");
    }
    request.method = line.substr(0, first);
    if (auto done = parse_target(line.substr(first + 1, last - first - 1), request); !done) {
        return done.error();
    }
    head.remove_prefix(std::min(line_end + 2, head.size()));
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view field = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        const std::size_t colon = field.find(':');
        if (colon == 0 || colon == std::string_view::npos) return invalid("a header is malformed");
        std::string& value = request.headers[lower(trim(field.substr(0, colon)))];
        if (!value.empty()) value += ',';
        value += trim(field.substr(colon + 1));
    }
    return request;
}

std::string encode(std::string_view text, bool keep_slash) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool kept = std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
        if (kept || (keep_slash && c == '/')) {
            out += c;
        } else {
            out += '%';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 0xFU];
        }
    }
    return out;
}

Result<std::string> decode(std::string_view text, bool plus_is_blank) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_blank) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return invalid("a broken escape");
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

const char* reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 409:
            return "Conflict";
        case 412:
            return "Precondition Failed";
        case 416:
            return "Range Not Satisfiable";
        case 501:
            return "Not Implemented";
        case 503:
            return "Slow Down";
        default:
            return "Status";
    }
}

}  // namespace herder::s3d
