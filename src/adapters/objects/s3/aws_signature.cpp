#include "adapters/objects/s3/aws_signature.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "adapters/http/url.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace herder::s3 {

namespace {

constexpr const char* kAlgorithm = "AWS4-HMAC-SHA256";

std::string format(WallTime time, const char* pattern) {
    const auto seconds = static_cast<std::time_t>(time.us / 1'000'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), pattern, &parts);
    return text.data();
}

// Blanks at the ends go, runs of them become one.
std::string trimmed(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
        out += c;
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

std::string canonical_query(const Fields& query) {
    Fields encoded;
    for (const auto& [name, value] : query)
        encoded.emplace_back(uri_encode(name, false), uri_encode(value, false));
    std::sort(encoded.begin(), encoded.end());
    std::string out;
    for (const auto& [name, value] : encoded)
        out += (out.empty() ? "" : "&") + name + "=" + value;
    return out;
}

Fields sorted(Fields headers) {
    std::sort(headers.begin(), headers.end());
    return headers;
}

}  // namespace

std::string to_amz_date(WallTime time) {
    return format(time, "%Y%m%dT%H%M%SZ");
}

std::string to_amz_day(WallTime time) {
    return format(time, "%Y%m%d");
}

std::string uri_encode(std::string_view text, bool keep_slash) {
    return keep_slash ? http::percent_encode_path(text) : http::percent_encode(text);
}

std::string encode_query(const Fields& query) {
    std::string out;
    for (const auto& [name, value] : query)
        out += (out.empty() ? "" : "&") + uri_encode(name, false) + "=" + uri_encode(value, false);
    return out;
}

std::string header_names(const Fields& headers) {
    std::string out;
    for (const auto& [name, value] : sorted(headers))
        out += (out.empty() ? "" : ";") + name;
    return out;
}

std::string canonical_request(const Signable& request) {
    std::string canonical = request.method + "\n" + uri_encode(request.path, true) + "\n" +
                            canonical_query(request.query) + "\n";
    for (const auto& [name, value] : sorted(request.headers))
        canonical += name + ":" + trimmed(value) + "\n";
    return canonical + "\n" + header_names(request.headers) + "\n" + request.payload_hash;
}

Signer::Signer(Credentials credentials, std::string region, std::string service)
    : credentials_(std::move(credentials)),
      region_(std::move(region)),
      service_(std::move(service)) {}

std::string Signer::scope(WallTime now) const {
    return to_amz_day(now) + "/" + region_ + "/" + service_ + "/aws4_request";
}

std::string Signer::sign_text(WallTime now, const std::string& text) const {
    std::string key = hmac_sha256("AWS4" + credentials_.secret_key, to_amz_day(now));
    for (const std::string& step : {region_, service_, std::string("aws4_request")})
        key = hmac_sha256(key, step);
    return to_hex(hmac_sha256(key, text));
}

std::string Signer::sign_canonical(const Signable& request, WallTime now) const {
    return sign_text(now, std::string(kAlgorithm) + "\n" + to_amz_date(now) + "\n" + scope(now) +
                              "\n" + sha256_hex(canonical_request(request)));
}

void Signer::sign_headers(Signable& request, WallTime now) const {
    request.headers.emplace_back("x-amz-date", to_amz_date(now));
    if (service_ == "s3")
        request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
    if (!credentials_.token.empty()) {
        request.headers.emplace_back("x-amz-security-token", credentials_.token);
    }
    const std::string signature = sign_canonical(request, now);
    request.headers.emplace_back(
        "authorization", std::string(kAlgorithm) + " Credential=" + credentials_.access_key + "/" +
                             scope(now) + ",SignedHeaders=" + header_names(request.headers) +
                             ",Signature=" + signature);
}

std::string Signer::presign(Signable request, WallTime now, Duration life) const {
    const Duration held = std::clamp(life, seconds(1), kPresignedLifeMax);
    request.payload_hash = kUnsignedPayload;
    request.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
    request.query.emplace_back("X-Amz-Credential", credentials_.access_key + "/" + scope(now));
    request.query.emplace_back("X-Amz-Date", to_amz_date(now));
    request.query.emplace_back("X-Amz-Expires", std::to_string(held.whole_seconds()));
    request.query.emplace_back("X-Amz-SignedHeaders", header_names(request.headers));
    if (!credentials_.token.empty()) {
        request.query.emplace_back("X-Amz-Security-Token", credentials_.token);
    }
    const std::string signature = sign_canonical(request, now);
    return encode_query(request.query) + "&X-Amz-Signature=" + signature;
}

std::string Signer::sign_chunk(WallTime now, const std::string& previous,
                               std::string_view chunk) const {
    return sign_text(now, std::string(kAlgorithm) + "-PAYLOAD\n" + to_amz_date(now) + "\n" +
                              scope(now) + "\n" + previous + "\n" + sha256_hex("") + "\n" +
                              sha256_hex(chunk));
}

std::string Signer::sign_trailer(WallTime now, const std::string& previous,
                                 std::string_view trailers) const {
    return sign_text(now, std::string(kAlgorithm) + "-TRAILER\n" + to_amz_date(now) + "\n" +
                              scope(now) + "\n" + previous + "\n" + sha256_hex(trailers));
}

}  // namespace herder::s3
