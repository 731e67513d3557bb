#pragma once
// The head of one HTTP request as this server reads it, and the answer it gives. Values only; the
// socket is in wire.h.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "s3d/blob.h"

namespace herder::s3d {

struct Request {
    std::string method;
    std::string raw_path;                                    // as on the wire, without the query
    std::string path;                                        // decoded once
    std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
    std::map<std::string, std::string> headers;              // lower-case names, trimmed values

    std::optional<std::string> header(const std::string& name) const;
    std::optional<std::string> parameter(std::string_view name) const;
    bool has(std::string_view name) const { return parameter(name).has_value(); }
};

// `head`: everything before the empty line.
Result<Request> parse_head(std::string_view head);

// Keeps A-Z a-z 0-9 - . _ ~ and, with `keep_slash`, the slash.
std::string encode(std::string_view text, bool keep_slash);
Result<std::string> decode(std::string_view text, bool plus_is_blank);

struct Reply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    // Instead of `body`, the bytes [first, first + length) of a stored object. Shared with the
    // vault, where the object may be replaced while it is being sent.
    std::shared_ptr<const Blob> content;
    std::uint64_t first = 0;
    std::uint64_t length = 0;
    // HEAD: what Content-Length says although no body follows.
    std::optional<std::uint64_t> told_length;
    std::string error_code;  // of an error document, for the log and for faults
};

const char* reason_phrase(int status);

}  // namespace herder::s3d
