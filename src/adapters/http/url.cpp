#include "adapters/http/url.h"

#include <algorithm>
#include <charconv>

namespace herder::http {
namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view text, bool keep_slash) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    const auto stays = [keep_slash](char c) {
        return is_unreserved(c) || (keep_slash && c == '/');
    };
    // Few need anything: those are copied at once.
    const auto first = std::ranges::find_if_not(text, stays);
    std::string out(text.begin(), first);
    for (const char c : text.substr(out.size())) {
        if (stays(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return out;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<std::string> decode(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_blank) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return invalid("broken percent escape in a URL");
            out += static_cast<char>(high << 4 | low);
            i += 2;
        }
    }
    return out;
}

bool is_host_char(char c) {
    return is_unreserved(c);
}

// Splits "host:port" or "[v6]:port"; a missing port leaves `url.port` as it is.
Status parse_authority(std::string_view text, Url& url) {
    std::string_view host = text;
    std::string_view port;
    bool has_port = false;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return invalid("URL has an unclosed '['");
        host = text.substr(1, end - 1);
        const std::string_view rest = text.substr(end + 1);
        if (!rest.empty() && rest[0] != ':') return invalid("URL has text after ']'");
        has_port = !rest.empty();
        port = has_port ? rest.substr(1) : rest;
        const bool plausible = std::ranges::all_of(
            host, [](char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; });
        if (host.find(':') == std::string_view::npos || !plausible) {
            return invalid("URL has a malformed IPv6 address");
        }
    } else {
        if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
            host = text.substr(0, colon);
            port = text.substr(colon + 1);
            has_port = true;
        }
        if (host.empty() || host.size() > 253 || !std::ranges::all_of(host, is_host_char)) {
            return invalid("URL has no valid host name");
        }
    }
    if (has_port) {
        unsigned value = 0;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
        if (error != std::errc{} || end != port.data() + port.size() || value == 0 ||
            value > 65535) {
            return invalid("URL has no valid port");
        }
        url.port = static_cast<std::uint16_t>(value);
    }
    url.host.assign(host);
    std::ranges::transform(url.host, url.host.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return ok();
}

}  // namespace

std::string Url::authority() const {
    const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
    const std::uint16_t usual = is_https() ? 443 : 80;
    return port == usual ? shown : shown + ":" + std::to_string(port);
}

std::string Url::origin() const {
    return scheme + "://" + authority();
}

Result<Url> parse_url(std::string_view text) {
    if (text.size() > kUrlSizeMax) return invalid("URL is longer than 8 KiB");
    Url url;
    if (text.starts_with("http://")) {
        text.remove_prefix(7);
    } else if (text.starts_with("https://")) {
        url.scheme = "https";
        url.port = 443;
        text.remove_prefix(8);
    } else {
        return invalid("URL must start with http:// or https://");
    }
    const bool printable =
        std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
    if (!printable) return invalid("URL holds a blank, a fragment or a character to be escaped");
    const std::size_t end = text.find_first_of("/?");
    const std::string_view authority = text.substr(0, end);
    if (authority.find('@') != std::string_view::npos) {
        return invalid("URL must not hold a user or password");
    }
    if (Status parsed = parse_authority(authority, url); !parsed) return parsed.error();
    if (end != std::string_view::npos) {
        url.target = (text[end] == '?' ? "/" : "") + std::string(text.substr(end));
    }
    return url;
}

std::string percent_encode(std::string_view text) {
    return encode(text, false);
}

std::string percent_encode_path(std::string_view path) {
    return encode(path, true);
}

Result<std::string> percent_decode(std::string_view text) {
    return decode(text, false);
}

Result<Query> Query::parse(std::string_view text) {
    Query query;
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view part = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (part.empty()) continue;
        if (query.parameters_.size() == kQueryParametersMax) {
            return invalid("query has more than 256 parameters");
        }
        const std::size_t equals = part.find('=');
        Result<std::string> name = decode(part.substr(0, equals), true);
        if (!name) return name.error();
        Result<std::string> value = decode(
            equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true);
        if (!value) return value.error();
        query.add(std::move(*name), std::move(*value));
    }
    return query;
}

void Query::add(std::string name, std::string value) {
    parameters_.emplace_back(std::move(name), std::move(value));
}

std::optional<std::string> Query::get(std::string_view name) const {
    for (const Parameter& parameter : parameters_) {
        if (parameter.first == name) return parameter.second;
    }
    return std::nullopt;
}

std::vector<std::string> Query::get_all(std::string_view name) const {
    std::vector<std::string> values;
    for (const Parameter& parameter : parameters_) {
        if (parameter.first == name) values.push_back(parameter.second);
    }
    return values;
}

bool Query::has(std::string_view name) const {
    return get(name).has_value();
}

std::string Query::text() const {
    std::string out;
    for (const auto& [name, value] : parameters_) {
        if (!out.empty()) out += '&';
        out += percent_encode(name) + '=' + percent_encode(value);
    }
    return out;
}

}  // namespace herder::http
