#pragma once
// One HTTP request and one response as plain values, shared by the client and the server. Not for
// parsing the wire: that is inside client.cpp and server.cpp.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/url.h"
#include "base/result.h"

namespace herder::http {

// Header fields in order; names compare without regard to case. Values are checked for line breaks
// when they go on the wire, so a message that would inject a header is refused whole.
class Headers {
  public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_(fields) {}

    // Replaces every field of that name.
    void set(std::string_view name, std::string value);
    // Adds one more field of that name.
    void add(std::string name, std::string value);
    void remove(std::string_view name);
    // The first value, or nothing.
    std::optional<std::string_view> get(std::string_view name) const;
    bool has(std::string_view name) const { return get(name).has_value(); }
    bool empty() const { return fields_.empty(); }
    std::size_t size() const { return fields_.size(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

    bool operator==(const Headers&) const = default;

  private:
    std::vector<Field> fields_;
};

struct Request {
    std::string method = "GET";
    std::string target = "/";  // path and query, percent-encoded, as on the wire
    Headers headers;
    std::string body;
    std::string peer_address;  // server side: "127.0.0.1:50312"

    // Server side, only when the body was spooled to a file (ServerOptions::spool_folder). The
    // handler owns the file from then on: it renames or removes it.
    std::string body_file;
    std::uint64_t body_size = 0;  // also set for bodies in memory
    std::uint32_t body_crc32c = 0;

    // The path part of `target`, still percent-encoded.
    std::string_view path() const;
    // The path split at '/' and each part decoded: "/v1/jobs/a%2Fb" gives {"v1","jobs","a/b"}.
    // Refuses bad escapes, NUL, and the parts "." and "..".
    Result<std::vector<std::string>> path_segments() const;
    Result<Query> query() const;
    // The token of "Authorization: Bearer TOKEN", if there is one.
    std::optional<std::string> bearer_token() const;
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;

    // Server side: when set, the body is this file, sent with bounded memory; a Range header of
    // the request is honoured (206, 416). The server opens it once, when the answer is given.
    std::string file_path;

    bool is_success() const { return status >= 200 && status < 300; }
};

// A response with a body and its content type.
Response make_response(int status, std::string content_type, std::string body);
// "Not Found"; "Unknown" for what we do not know.
const char* reason_phrase(int status);

// What may stand on the wire. The client and the server refuse messages that break these.
bool is_valid_method(std::string_view method);
bool is_valid_target(std::string_view target);
bool is_valid_header_name(std::string_view name);
bool is_valid_header_value(std::string_view value);
Status check_headers(const Headers& headers);

bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace herder::http
