#pragma once
// Signs requests with AWS Signature Version 4: in the header, as a presigned URL, and chunk by
// chunk with a trailer. Pure: the time comes in
// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html, November 2026).
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace herder::s3 {

struct Credentials {
    std::string access_key;
    std::string secret_key;
    std::string token;  // of temporary ones; empty otherwise
    // Temporary ones are fetched again before.
    std::optional<WallTime> expires;
    bool operator==(const Credentials&) const = default;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

// Everything that a signature covers.
struct Signable {
    std::string method = "GET";
    std::string path = "/";  // decoded: "/bucket/a b"
    Fields query;            // decoded
    Fields headers;          // lower-case names; "host" is among them
    std::string payload_hash;
};

inline constexpr const char* kUnsignedPayload = "UNSIGNED-PAYLOAD";
// The longest life of a presigned URL.
inline constexpr Duration kPresignedLifeMax = days(7);

// "20130524T000000Z" and "20130524".
std::string to_amz_date(WallTime time);
std::string to_amz_day(WallTime time);
// Letters, digits and -._~ stay; with `keep_slash` the slash, too.
std::string uri_encode(std::string_view text, bool keep_slash);
// "a=1&b=x%2Fy", in the order given.
std::string encode_query(const Fields& query);
// What a signature is over, Amazon's as well as Google's, and the names "a;b" of its headers.
std::string canonical_request(const Signable& request);
std::string header_names(const Fields& headers);

class Signer {
  public:
    Signer(Credentials credentials, std::string region, std::string service = "s3");

    // Adds x-amz-date, x-amz-content-sha256, x-amz-security-token and authorization.
    void sign_headers(Signable& request, WallTime now) const;
    // Returns the query of a URL that its holder may use for `life` (at most kPresignedLifeMax)
    // with exactly these headers.
    std::string presign(Signable request, WallTime now, Duration life) const;

    // For bodies that are signed piece by piece: `previous` is the signature of the head, then of
    // the chunk before.
    std::string sign_chunk(WallTime now, const std::string& previous, std::string_view chunk) const;
    // `trailers`: "name:value\n" of each.
    std::string sign_trailer(WallTime now, const std::string& previous,
                             std::string_view trailers) const;

    const std::string& region() const { return region_; }
    const Credentials& credentials() const { return credentials_; }

  private:
    std::string scope(WallTime now) const;
    std::string sign_text(WallTime now, const std::string& text) const;
    std::string sign_canonical(const Signable& request, WallTime now) const;

    Credentials credentials_;
    std::string region_;
    std::string service_;
};

}  // namespace herder::s3
