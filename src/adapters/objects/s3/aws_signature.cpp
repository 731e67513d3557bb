#include "adapters/objects/s3/aws_signature.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "adapters/http/url.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace herder::s3 {

namespace {

constexpr const char* kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kDaySize = 8;  // "20130524", which a date begins with
constexpr std::size_t kCanonicalSize = 1024;
constexpr std::size_t kSignatureSize = 96;  // and its name

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
        out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
    return out;
}

std::string derive_key(const std::string& secret_key, const std::string& day,
                       const std::string& region, const std::string& service) {
    std::string key = hmac_sha256("AWS4" + secret_key, day);
    for (const std::string_view step :
         {std::string_view(region), std::string_view(service), std::string_view("aws4_request")})
        key = hmac_sha256(key, step);
    return key;
}

Fields sorted(Fields headers) {
    std::sort(headers.begin(), headers.end());
    return headers;
}

void append_headers(std::string& out, const Fields& headers) {
    for (const auto& [name, value] : sorted(headers))
        out.append(name).append(":").append(trimmed(value)).append("\n");
}

// `query`: canonical.
std::string canonical_request(const Signable& request, const std::string& query) {
    std::string canonical;
    canonical.reserve(kCanonicalSize);
    canonical.append(request.method).append("\n").append(uri_encode(request.path, true));
    canonical.append("\n").append(query).append("\n");
    append_headers(canonical, request.headers);
    canonical.append("\n").append(header_names(request.headers));
    return canonical.append("\n").append(request.payload_hash);
}

}  // namespace

std::string to_amz_date(WallTime time) {
    const auto seconds = static_cast<std::time_t>(time.us / 1'000'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
    return text.data();
}

std::string to_amz_day(WallTime time) {
    return to_amz_date(time).substr(0, kDaySize);
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
    return canonical_request(request, canonical_query(request.query));
}

std::string SigningKeys::derive(const std::string& secret_key, const std::string& day,
                                const std::string& region, const std::string& service) {
    const std::string wanted = secret_key + "\n" + day + "\n" + region + "\n" + service;
    const std::lock_guard lock(mutex_);
    if (made_for_ == wanted) return key_;
    key_ = derive_key(secret_key, day, region, service);
    made_for_ = wanted;
    return key_;
}

Signer::Signer(Credentials credentials, std::string region, std::string service, SigningKeys* keys)
    : credentials_(std::move(credentials)),
      region_(std::move(region)),
      service_(std::move(service)),
      keys_(keys) {}

std::string Signer::scope(const std::string& date) const {
    return date.substr(0, kDaySize) + "/" + region_ + "/" + service_ + "/aws4_request";
}

std::string Signer::key_of(const std::string& date) const {
    const std::string day = date.substr(0, kDaySize);
    const std::string& secret = credentials_.secret_key;
    return keys_ != nullptr ? keys_->derive(secret, day, region_, service_)
                            : derive_key(secret, day, region_, service_);
}

std::string Signer::sign_text(const std::string& date, const std::string& text) const {
    return to_hex(hmac_sha256(key_of(date), text));
}

std::string Signer::text_begin(const std::string& date) const {
    return std::string(kAlgorithm) + "\n" + date + "\n" + scope(date) + "\n";
}

std::string Signer::sign_canonical(const Signable& request, const std::string& query,
                                   const std::string& date) const {
    return sign_text(date, text_begin(date) + sha256_hex(canonical_request(request, query)));
}

void Signer::sign_headers(Signable& request, WallTime now) const {
    const std::string date = to_amz_date(now);
    request.headers.emplace_back("x-amz-date", date);
    if (service_ == "s3")
        request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
    if (!credentials_.token.empty()) {
        request.headers.emplace_back("x-amz-security-token", credentials_.token);
    }
    const std::string signature = sign_canonical(request, canonical_query(request.query), date);
    request.headers.emplace_back(
        "authorization", std::string(kAlgorithm) + " Credential=" + credentials_.access_key + "/" +
                             scope(date) + ",SignedHeaders=" + header_names(request.headers) +
                             ",Signature=" + signature);
}

void Signer::prepare(Signable& request, const std::string& date, Duration life) const {
    const Duration held = std::clamp(life, seconds(1), kPresignedLifeMax);
    request.payload_hash = kUnsignedPayload;
    request.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
    request.query.emplace_back("X-Amz-Credential", credentials_.access_key + "/" + scope(date));
    request.query.emplace_back("X-Amz-Date", date);
    request.query.emplace_back("X-Amz-Expires", std::to_string(held.whole_seconds()));
    request.query.emplace_back("X-Amz-SignedHeaders", header_names(request.headers));
    if (!credentials_.token.empty()) {
        request.query.emplace_back("X-Amz-Security-Token", credentials_.token);
    }
}

std::string Signer::presign(Signable request, WallTime now, Duration life) const {
    const std::string date = to_amz_date(now);
    prepare(request, date, life);
    const std::string query = canonical_query(request.query);
    return query + "&X-Amz-Signature=" + sign_canonical(request, query, date);
}

Signer::Series::Series(const Signer& signer, Signable request, const std::string& parameter,
                       WallTime now, Duration life) {
    const std::string date = to_amz_date(now);
    signer.prepare(request, date, life);
    method_and_path_ = request.method + "\n" + uri_encode(request.path, true) + "\n";
    std::string query = "&" + canonical_query(request.query);
    // An encoded value holds no '&' and no '='.
    const std::string wanted = "&" + uri_encode(parameter, false) + "=";
    const std::size_t at = query.find(wanted);
    HERDER_ASSERT(at != std::string::npos);
    const std::size_t value = at + wanted.size();
    query_end_ = query.substr(std::min(query.find('&', value), query.size()));
    query_begin_ = query.substr(1, value - 1);
    end_ = "\n" + header_names(request.headers) + "\n" + request.payload_hash;
    text_ = signer.text_begin(date);
    key_ = signer.key_of(date);
}

std::string Signer::Series::query_of(std::string_view value) const {
    std::string query;
    query.reserve(query_begin_.size() + query_end_.size() + kSignatureSize);
    return query.append(query_begin_).append(value).append(query_end_);
}

std::string Signer::Series::presign(std::string_view value, const Fields& headers) const {
    std::string query = query_of(value);
    std::string canonical;
    canonical.reserve(kCanonicalSize);
    canonical.append(method_and_path_).append(query).append("\n");
    append_headers(canonical, headers);
    canonical.append(end_);
    query.append("&X-Amz-Signature=");
    return query.append(to_hex(hmac_sha256(key_, text_ + sha256_hex(canonical))));
}

std::string Signer::sign_chunk(WallTime now, const std::string& previous,
                               std::string_view chunk) const {
    const std::string date = to_amz_date(now);
    return sign_text(date, std::string(kAlgorithm) + "-PAYLOAD\n" + date + "\n" + scope(date) +
                               "\n" + previous + "\n" + sha256_hex("") + "\n" + sha256_hex(chunk));
}

std::string Signer::sign_trailer(WallTime now, const std::string& previous,
                                 std::string_view trailers) const {
    const std::string date = to_amz_date(now);
    return sign_text(date, std::string(kAlgorithm) + "-TRAILER\n" + date + "\n" + scope(date) +
                               "\n" + previous + "\n" + sha256_hex(trailers));
}

}  // namespace herder::s3
