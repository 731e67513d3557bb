#include "adapters/objects/s3/s3_client.h"

#include <algorithm>

#include "adapters/objects/remote/xml_tree.h"
#include "base/digest.h"

namespace herder::s3 {

namespace {

constexpr Duration kFileTimeout = hours(2);
// Complete may take minutes on large objects (AWS documentation, November 2026).
constexpr Duration kCompleteTimeout = minutes(10);

struct ErrorDocument {
    std::string code;
    std::string message;
    std::string region;
};

ErrorDocument read_error(const http::Response& response) {
    ErrorDocument found;
    found.region = response.headers.get("x-amz-bucket-region").value_or("");
    const auto xml = remote::parse_xml(response.body);
    if (!xml || xml->name != "Error") return found;
    found.code = (*xml)["Code"];
    found.message = (*xml)["Message"].substr(0, 300);
    if (found.region.empty()) found.region = (*xml)["Region"];
    return found;
}

bool is_passing(int status, const std::string& code) {
    return remote::is_passing(status) || code == "RequestTimeout" || code == "OperationAborted" ||
           code == "InternalError";
}

// A URL dies with the credentials that signed it.
Duration within(const Credentials& credentials, Duration life, WallTime now) {
    return credentials.expires ? std::min(life, *credentials.expires - now) : life;
}

std::string doing_of(const S3Request& request) {
    return request.method + " " + (request.key.empty() ? "the bucket" : request.key);
}

}  // namespace

S3Client::S3Client(ClientSettings settings, const Clock& world)
    : settings_(std::move(settings)),
      world_(world),
      clock_(world),
      calls_(world, settings_.tries, settings_.wait) {
    const Location& location = settings_.location;
    route_.region = location.region.empty() ? "us-east-1" : location.region;
    const bool has_no_region = location.is_google() || provider_of(location) == "r2";
    if (location.region.empty() && has_no_region) route_.region = "auto";
    route_.by_host = location.addressing == Addressing::kAuto
                         ? prefers_host(location)
                         : location.addressing == Addressing::kVirtualHost;
    if (settings_.route) route_ = *settings_.route;
}

Result<std::unique_ptr<S3Client>> S3Client::open(ClientSettings settings, const Clock& world) {
    std::unique_ptr<S3Client> client(new S3Client(std::move(settings), world));
    if (client->settings_.route) return client;
    if (auto found = client->discover(); !found) return found.error();
    return client;
}

Route S3Client::route() const {
    const std::lock_guard lock(mutex_);
    return route_;
}

// HEAD of the bucket tells its region in a header, whether it is allowed or not. Where the way it
// was addressed leads nowhere, the other one is tried. A HEAD has no error document, so that what
// is wrong is asked for again with a GET.
Status S3Client::discover() {
    S3Request head;
    head.method = "HEAD";
    const S3Result first = call(head);
    if (first) return ok();
    const int status = first.error().status;
    const bool may_be_elsewhere = status == 404 || status == 400 || status == 405 || status == 301;
    const Location& location = settings_.location;
    if (location.addressing == Addressing::kAuto && !location.is_aws() && may_be_elsewhere) {
        turn_addressing();
        if (call(head)) return ok();
        turn_addressing();
    }
    if (status == 0) return first.error().error;
    S3Request list;
    list.query = {{"list-type", "2"}, {"max-keys", "1"}};
    const S3Result second = call(list);
    return second ? ok() : Status(second.error().error);
}

void S3Client::turn_addressing() {
    const std::lock_guard lock(mutex_);
    route_.by_host = !route_.by_host;
    client_.reset();
}

void S3Client::follow_region(const std::string& region) {
    const std::lock_guard lock(mutex_);
    if (region == route_.region) return;  // another thread was told so before
    route_.region = region;
    client_.reset();
}

Result<std::shared_ptr<http::Client>> S3Client::connect(const http::Url& origin) {
    const std::lock_guard lock(mutex_);
    if (client_ && client_->origin().origin() == origin.origin()) return client_;
    http::ClientOptions options;
    options.trust = settings_.trust;
    auto client = http::Client::open(origin, options);
    if (!client) return client.error();
    client_ = std::move(*client);
    return client_;
}

Result<S3Client::Ready> S3Client::prepare(const S3Request& request) const {
    const Route way = route();
    const auto address = address_of(settings_.location, way.region, way.by_host, request.key);
    if (!address) return address.error();
    Ready ready{way.region, address->origin, {}};
    ready.signable.method = request.method;
    ready.signable.path = address->path;
    ready.signable.query = request.query;
    ready.signable.headers = request.headers;
    ready.signable.headers.emplace_back("host", address->origin.authority());
    return ready;
}

Status S3Client::sign(Ready& ready) const {
    if (settings_.signer != nullptr) return settings_.signer->sign_headers(ready.signable, now());
    const auto credentials = settings_.credentials();
    if (!credentials) return credentials.error();
    signer(*credentials, ready.region).sign_headers(ready.signable, now());
    return ok();
}

Result<http::Response> S3Client::send_once(const S3Request& request, bool& maybe_sent) {
    auto ready = prepare(request);
    if (!ready) return ready.error();
    const auto client = connect(ready->origin);
    if (!client) return client.error();
    Signable& signable = ready->signable;
    const auto upload = remote::open_body(request.body_file);
    if (!upload) return upload.error();
    // A file would have to be read twice to be hashed; its CRC-32C goes in a signed header instead.
    signable.payload_hash = *upload ? kUnsignedPayload : sha256_hex(request.body);
    if (auto done = sign(*ready); !done) return done.error();
    http::Request wire;
    wire.method = request.method;
    wire.target = uri_encode(signable.path, true);
    if (!request.query.empty()) wire.target += "?" + encode_query(request.query);
    for (const auto& [name, value] : signable.headers) {
        if (name != "host") wire.headers.add(name, value);
    }
    wire.body = request.body;
    http::CallOptions options;
    options.timeout = request.may_hide_error ? kCompleteTimeout : settings_.timeout;
    options.body_limit = request.body_limit;
    options.cancel = settings_.cancel;
    if (*upload) {
        options.upload = **upload;
        options.timeout = kFileTimeout;
        options.idle_timeout = settings_.timeout;
    }
    auto answer = (*client)->call(wire, options);
    if (answer) {
        clock_.hear(*answer);
        return std::move(*answer);
    }
    maybe_sent = maybe_sent || answer.error().maybe_sent;
    return answer.error().error;
}

std::optional<S3Refusal> S3Client::judge(const S3Request& request, const http::Response& response,
                                         bool& again) {
    if (response.is_success() && !request.may_hide_error) return std::nullopt;
    const ErrorDocument document = read_error(response);
    if (response.is_success() && document.code.empty()) return std::nullopt;
    again = is_passing(response.status, document.code);
    const bool may_be_clock = document.code == "RequestTimeTooSkewed" ||
                              (document.code.empty() && response.status == 403);
    if (may_be_clock && clock_.follow(response)) again = true;
    Error error = explain(response.status, document.code, document.message, settings_.location,
                          doing_of(request));
    return S3Refusal{std::move(error), response.status, document.code, false};
}

// Who is told of another region has not failed: it goes there at once. A HEAD has no document: a
// region in the header of a refusal is reason enough.
Result<http::Response> S3Client::send_to_region(const S3Request& request, bool& maybe_sent) {
    const std::string signed_for = route().region;
    auto response = send_once(request, maybe_sent);
    if (!response || response->is_success()) return response;
    const std::string region = read_error(*response).region;
    if (region.empty() || region == signed_for) return response;
    follow_region(region);
    return send_once(request, maybe_sent);
}

S3Result S3Client::call(const S3Request& request) {
    return calls_.run([&](bool& maybe_sent) { return send_to_region(request, maybe_sent); },
                      [&](const http::Response& response, bool& again) {
                          return judge(request, response, again);
                      });
}

Result<std::string> S3Client::presign(const S3Request& request, Duration life) {
    auto ready = prepare(request);
    if (!ready) return ready.error();
    const std::string url = ready->origin.origin() + uri_encode(ready->signable.path, true) + "?";
    if (settings_.signer != nullptr) {
        const auto query = settings_.signer->presign(ready->signable, now(), life);
        return query ? Result<std::string>(url + *query) : query;
    }
    const auto credentials = at_hand()();
    if (!credentials) return credentials.error();
    return url + signer(*credentials, ready->region)
                     .presign(ready->signable, now(), within(*credentials, life, world_.wall()));
}

bool S3Client::are_alike(const S3Request& one, const S3Request& other,
                         const std::string& parameter) {
    const auto same_query = [&parameter](const auto& a, const auto& b) {
        return a.first == b.first && (a.second == b.second || a.first == parameter);
    };
    const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
    return one.method == other.method && one.key == other.key &&
           std::ranges::equal(one.query, other.query, same_query) &&
           std::ranges::equal(one.headers, other.headers, same_name);
}

Result<std::shared_ptr<const S3Client::Alike>> S3Client::find_alike(const S3Request& request,
                                                                    const std::string& parameter,
                                                                    Duration life) {
    const auto credentials = at_hand()();
    if (!credentials) return credentials.error();
    const WallTime second{now().us / 1'000'000 * 1'000'000};
    {
        const std::lock_guard lock(mutex_);
        const bool fits = alike_ && alike_->second == second && alike_->life == life &&
                          alike_->credentials == *credentials && alike_->route == route_ &&
                          are_alike(alike_->request, request, parameter);
        if (fits) return alike_;
    }
    const Route way = route();
    auto ready = prepare(request);
    if (!ready) return ready.error();
    const Duration held = within(*credentials, life, world_.wall());
    // Shared: others may sign with it while it is replaced.
    auto made = std::make_shared<const Alike>(
        Alike{*credentials, way, request, second, life,
              ready->origin.origin() + uri_encode(ready->signable.path, true) + "?",
              ready->origin.authority(),
              Signer::Series(signer(*credentials, ready->region), ready->signable, parameter,
                             second, held)});
    const std::lock_guard lock(mutex_);
    alike_ = made;
    return made;
}

Result<std::string> S3Client::presign_alike(const S3Request& request, const std::string& parameter,
                                            Duration life) {
    if (settings_.signer != nullptr) return presign(request, life);
    const auto value = std::ranges::find_if(
        request.query, [&parameter](const auto& field) { return field.first == parameter; });
    if (value == request.query.end())
        return internal("signing: there is no parameter " + parameter);
    const auto alike = find_alike(request, parameter, life);
    if (!alike) return alike.error();
    Fields headers = request.headers;
    headers.emplace_back("host", (*alike)->host);
    return (*alike)->url_begin + (*alike)->series.presign(value->second, headers);
}

namespace {

std::string needed_rights(const Location& location) {
    if (location.is_google()) {
        return "the account needs the role Storage Object Admin (roles/storage.objectAdmin), for "
               "data "
               "that is only read Storage Object Viewer, on " +
               location.bucket;
    }
    return "the key's policy must allow s3:GetObject, PutObject, DeleteObject, ListBucket, "
           "AbortMultipartUpload, ListMultipartUploadParts and ListBucketMultipartUploads on " +
           location.bucket;
}

std::string name_of(const Location& location) {
    if (!location.endpoint.empty()) return location.endpoint;
    return location.is_google() ? "Google" : "AWS";
}

}  // namespace

Error explain(int status, const std::string& code, const std::string& message,
              const Location& location, const std::string& doing) {
    const std::string said = doing + ": " + name_of(location) + " answered " +
                             std::to_string(status) + (code.empty() ? "" : " " + code) +
                             (message.empty() ? "" : " (" + message + ")");
    if (code == "NoSuchBucket" || (status == 404 && doing.ends_with("the bucket"))) {
        return not_found(said + "; there is no bucket " + location.bucket +
                         ": create it or correct the name");
    }
    if (status == 404) return not_found(said);
    if (status == 412 || status == 409) return {ErrorCode::kConflict, said};
    if (code == "InvalidAccessKeyId" || code == "SignatureDoesNotMatch") {
        return {
            ErrorCode::kUnauthenticated,
            said.substr(0, 300) + "; the access key or its secret is not right for this endpoint"};
    }
    if (code == "ExpiredToken" || code == "InvalidToken" || code == "TokenRefreshRequired") {
        return {ErrorCode::kUnauthenticated,
                said + "; the temporary credentials have ended: log in again"};
    }
    if (code == "RequestTimeTooSkewed") {
        return {ErrorCode::kUnauthenticated, said + "; set this machine's clock"};
    }
    if (status == 401 || status == 403) {
        return {ErrorCode::kForbidden, said + "; " + needed_rights(location)};
    }
    if (status == 429 || code == "SlowDown") return {ErrorCode::kRateLimited, said};
    if (status == 507 || code == "QuotaExceeded") {
        return {ErrorCode::kNoCapacity, said + "; free some space or raise the quota"};
    }
    if (code == "InvalidPart" || code == "BadDigest" || code == "EntityTooSmall" ||
        code == "XAmzContentSHA256Mismatch") {
        return {ErrorCode::kCorrupt, said};
    }
    if (status >= 500 && status != 501) return unavailable(said);
    return invalid(said);
}

}  // namespace herder::s3
