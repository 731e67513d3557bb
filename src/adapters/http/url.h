#pragma once
// URLs, percent-encoding and query strings. Only http and https with a host; no user part, no
// fragment.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace herder::http {

inline constexpr std::size_t kUrlSizeMax = 8 * 1024;
inline constexpr std::size_t kQueryParametersMax = 256;

struct Url {
    std::string scheme = "http";  // "http" or "https"
    std::string host;             // lower case, without the brackets of an IPv6 address
    std::uint16_t port = 80;
    std::string target = "/";  // path and query, still encoded

    bool is_https() const { return scheme == "https"; }
    // "example.org", "example.org:8080", "[::1]:80": the Host header.
    std::string authority() const;
    // "https://example.org:8443", without the target.
    std::string origin() const;
    std::string text() const { return origin() + target; }
    bool operator==(const Url&) const = default;
};

Result<Url> parse_url(std::string_view text);

// Keeps letters, digits and -._~ ; encodes all else, '/' too.
std::string percent_encode(std::string_view text);
// The same but keeps '/', for object keys.
std::string percent_encode_path(std::string_view path);
// Refuses broken escapes. '+' stays '+'.
Result<std::string> percent_decode(std::string_view text);

// Decoded query parameters in order. '+' means a blank here, as forms send it.
class Query {
  public:
    using Parameter = std::pair<std::string, std::string>;

    // `text` is what follows '?'. Refuses broken escapes and more than kQueryParametersMax.
    static Result<Query> parse(std::string_view text);

    void add(std::string name, std::string value);
    // The first value of that name.
    std::optional<std::string> get(std::string_view name) const;
    std::vector<std::string> get_all(std::string_view name) const;
    bool has(std::string_view name) const;
    bool empty() const { return parameters_.empty(); }
    auto begin() const { return parameters_.begin(); }
    auto end() const { return parameters_.end(); }
    // "a=1&b=x%20y", without '?'.
    std::string text() const;

  private:
    std::vector<Parameter> parameters_;
};

}  // namespace herder::http
