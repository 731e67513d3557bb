#pragma once
// Signs requests with AWS Signature Version 4: in the header, as a presigned URL, and chunk by
// chunk with a trailer. Pure: the time comes in
// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html, November 2026).
#include <mutex>
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

// Signing keys are derived in four steps and hold for a day: the last one is kept. Thread-safe.
class SigningKeys {
  public:
    // `day`: "20130524".
    std::string derive(const std::string& secret_key, const std::string& day,
                       const std::string& region, const std::string& service);

  private:
    std::mutex mutex_;
    std::string made_for_;  // all four; guarded by mutex_, like the key
    std::string key_;
};

class Signer {
  public:
    // `keys` saves the derivation to those who sign often; it must outlive the signer.
    Signer(Credentials credentials, std::string region, std::string service = "s3",
           SigningKeys* keys = nullptr);

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

    // Presigned URLs that differ in the value of one parameter, of letters and digits, and in those
    // of the headers: what they share is made once.
    class Series {
      public:
        // `request` has every header, with any value; `parameter` is in its query.
        Series(const Signer& signer, Signable request, const std::string& parameter, WallTime now,
               Duration life);
        // As presign() with these; `headers` have the names of the request's.
        std::string presign(std::string_view value, const Fields& headers) const;

      private:
        std::string query_of(std::string_view value) const;

        std::string method_and_path_;
        std::string query_begin_;
        std::string query_end_;
        std::string end_;   // of the canonical request
        std::string text_;  // to be signed, but for the hash at its end
        std::string key_;
    };

  private:
    // Adds what makes it a presigned one.
    void prepare(Signable& request, const std::string& date, Duration life) const;
    std::string key_of(const std::string& date) const;
    // `date`: see to_amz_date. `query`: canonical.
    std::string scope(const std::string& date) const;
    std::string sign_text(const std::string& date, const std::string& text) const;
    std::string text_begin(const std::string& date) const;
    std::string sign_canonical(const Signable& request, const std::string& query,
                               const std::string& date) const;

    Credentials credentials_;
    std::string region_;
    std::string service_;
    SigningKeys* keys_;
};

}  // namespace herder::s3
