#include "worker/server_link.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "adapters/http/retry_after.h"
#include "protocol/agent_paths.h"
#include "protocol/report_json.h"
#include "protocol/value_json.h"
#include "worker/machine_clock.h"
#include "worker/tree_files.h"

namespace herder {
namespace {

constexpr Duration kCallTimeout = seconds(30);
// Of one question, which is asked again (output_patience.cpp): an answer may be lost.
constexpr Duration kFinishTimeout = minutes(5);
// A silent peer is given up sooner than a slow one.
constexpr Duration kTransferTimeout = hours(2);
constexpr Duration kTransferSilence = seconds(60);
// A connection that pauses for long is closed by its server, and one that sends nothing for long is
// given up.
constexpr std::size_t kSmallPiece = std::size_t{128} << 10;
// Connections that parts may leave behind for the next ones (part_uploader.h).
constexpr std::size_t kPartsAtOnceMax = 64;

// What stands between <name> and </name> in an error document of S3, in a sentence.
std::string element(const std::string& xml, const std::string& name) {
    const std::size_t begin = xml.find("<" + name + ">");
    const std::size_t end = xml.find("</" + name + ">");
    const std::size_t from = begin + name.size() + 2;
    if (begin == std::string::npos || end == std::string::npos || end < from) return "";
    return xml.substr(from, std::min<std::size_t>(end - from, 200));
}

// The sentence of a problem document, or what S3 says; otherwise the beginning of what came.
std::string said_by(const http::Response& response) {
    const std::string code = element(response.body, "Code");
    if (!code.empty()) return code + " " + element(response.body, "Message");
    const auto document = protocol::parse_json(response.body, std::size_t{64} << 10);
    const protocol::Json* detail = document ? document->find("detail") : nullptr;
    if (detail != nullptr && detail->if_string() != nullptr) return *detail->if_string();
    return response.body.substr(0, 200);
}

// S3 answers 400 to a body that came too slowly ("Error responses" in its API reference, November
// 2026), and 409 to what another call of the same moment stands in the way of.
bool is_passing_fault(const http::Response& response) {
    const std::string code = element(response.body, "Code");
    return code == "RequestTimeout" || code == "OperationAborted";
}

// Of temporary credentials whose time is over Amazon says 400: the URL is too old as with a 403.
bool is_too_old(const http::Response& response) {
    const std::string code = element(response.body, "Code");
    return code == "ExpiredToken" || code == "InvalidToken" || code == "TokenRefreshRequired";
}

// What came is not what was sent, or not what it was when its checksum was told.
bool is_damaged(const http::Response& response) {
    const std::string code = element(response.body, "Code");
    return code == "BadDigest" || code == "XAmzContentChecksumMismatch" || code == "Md5Mismatch";
}

Error failed(const http::Response& response, const std::string& what) {
    const ErrorCode code = is_passing_fault(response) ? ErrorCode::kUnavailable
                           : is_too_old(response)     ? ErrorCode::kForbidden
                           : is_damaged(response)     ? ErrorCode::kCorrupt
                           : response.status == 401   ? ErrorCode::kUnauthenticated
                           : response.status == 403   ? ErrorCode::kForbidden
                           : response.status == 404   ? ErrorCode::kNotFound
                           : response.status == 409   ? ErrorCode::kConflict
                           : response.status == 412   ? ErrorCode::kConflict
                           : response.status == 429   ? ErrorCode::kRateLimited
                           : response.status >= 500   ? ErrorCode::kUnavailable
                                                      : ErrorCode::kInvalid;
    return {code, what + ": the server answered " + std::to_string(response.status) + " " +
                      said_by(response)};
}

// What a store asks for is done, but nobody is left waiting for an hour by a mistaken one.
constexpr Duration kAskedWaitMax = minutes(2);

void note_asked_wait(const http::Response& response, Duration* asked_wait) {
    if (asked_wait == nullptr || (response.status != 429 && response.status != 503)) return;
    *asked_wait = std::min(http::retry_after(response.headers), kAskedWaitMax);
}

// Signed URLs are secrets: only what comes before the query is named.
std::string nameable(const std::string& url) {
    return url.substr(0, url.find('?'));
}

// Azure wants to be told what a PUT makes, in a header that no signature covers. Others ignore it.
http::Request put_request(const std::string& target) {
    http::Request put;
    put.method = "PUT";
    put.target = target;
    put.headers.set("x-ms-blob-type", "BlockBlob");
    return put;
}

}  // namespace

ServerLink::ServerLink(std::vector<std::string> urls, std::string pin,
                       std::function<Instant()> turns_clock)
    : urls_(std::move(urls)), pin_(std::move(pin)), turns_(std::move(turns_clock)) {}

ServerLink::~ServerLink() = default;

std::string ServerLink::base() const {
    const std::lock_guard lock(mutex_);
    return urls_[base_ % urls_.size()];
}

void ServerLink::next_base() {
    const std::lock_guard lock(mutex_);
    ++base_;
}

Result<http::Client*> ServerLink::client_of(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    const auto it = clients_.find(origin);
    if (it != clients_.end()) return it->second.get();
    http::ClientOptions options;
    options.user_agent = "herder-agent";
    options.idle_connections_max = kPartsAtOnceMax;
    options.trust.extra_roots_pem = storage_roots_;
    for (const std::string& url : urls_) {
        const auto ours = http::parse_url(url);
        if (ours && ours->origin() == origin) options.trust.pinned_spki_sha256 = pin_;
    }
    auto client = http::Client::open(origin, options);
    if (!client) return client.error();
    return clients_.emplace(origin, std::move(*client)).first->second.get();
}

Result<std::pair<http::Client*, std::string>> ServerLink::resolve(const std::string& url) {
    const std::string full = url.starts_with('/') ? base() + url : url;
    const auto parsed = http::parse_url(full);
    if (!parsed) return parsed.error();
    auto client = client_of(parsed->origin());
    if (!client) return client.error();
    return std::pair(*client, parsed->target);
}

Result<http::Response> ServerLink::post(const std::string& target, const std::string& content_type,
                                        const std::string& body, const http::CallOptions& options) {
    const auto to = resolve(target);
    if (!to) return to.error();
    http::Request request;
    request.method = "POST";
    request.target = to->second;
    request.headers.set("content-type", content_type);
    {
        const std::lock_guard lock(mutex_);
        if (!session_key_.empty()) request.headers.set("authorization", "Bearer " + session_key_);
    }
    request.body = body;
    auto response = to->first->call(request, options).to_result();
    if (!response && response.error().code != ErrorCode::kCancelled) next_base();
    return response;
}

Result<protocol::JoinResponse> ServerLink::join(const protocol::JoinRequest& request) {
    http::CallOptions options;
    options.timeout = kCallTimeout;
    const auto response =
        post(protocol::kAgentJoin, "application/json", protocol::to_json(request), options);
    if (!response) return response.error().with_context("joining");
    if (!response->is_success()) return failed(*response, "joining");
    auto joined = protocol::parse_join_response(response->body);
    if (joined) resume(joined->session_key, joined->storage_roots);
    return joined;
}

void ServerLink::resume(const std::string& session_key, const std::string& storage_roots) {
    const std::lock_guard lock(mutex_);
    session_key_ = session_key;
    storage_roots_ = storage_roots;
}

Result<protocol::SyncResponse> ServerLink::sync(const AgentReport& report, Duration timeout,
                                                const http::CancelToken& cancel) {
    http::CallOptions options;
    options.timeout = timeout;
    options.cancel = &cancel;
    const auto response =
        post(protocol::kAgentSync, "application/json", protocol::to_json(report), options);
    if (!response) return response.error().with_context("reporting");
    if (!response->is_success()) return failed(*response, "reporting");
    return protocol::parse_sync_response(response->body);
}

Result<protocol::SignResponse> ServerLink::sign(const protocol::SignRequest& request,
                                                const http::CancelToken* cancel) {
    http::CallOptions options;
    options.timeout = kCallTimeout;
    options.cancel = cancel;
    const auto response =
        post(protocol::kAgentSign, "application/json", protocol::to_json(request), options);
    if (!response) return response.error().with_context("asking for URLs");
    if (!response->is_success()) return failed(*response, "asking for URLs");
    auto urls = protocol::parse_sign_response(response->body);
    if (urls && urls->urls.size() != request.outputs.size()) {
        return internal("asking for URLs: the server answered with another number of them");
    }
    return urls;
}

Result<protocol::SecretsResponse> ServerLink::secrets() {
    if (!base().starts_with("https://")) {
        return Error{ErrorCode::kForbidden,
                     "secrets are only taken by TLS, and the server's address is " + base()};
    }
    http::CallOptions options;
    options.timeout = kCallTimeout;
    const auto response = post(protocol::kAgentSecrets, "application/json", "{}", options);
    if (!response) return response.error().with_context("asking for the job's secrets");
    if (!response->is_success()) return failed(*response, "asking for the job's secrets");
    return protocol::parse_secrets_response(response->body);
}

Result<protocol::PartsResponse> ServerLink::parts(const protocol::PartsRequest& request,
                                                  const http::CancelToken* cancel) {
    http::CallOptions options;
    options.timeout = kCallTimeout;
    options.cancel = cancel;
    const auto response =
        post(protocol::kAgentParts, "application/json", protocol::to_json(request), options);
    if (!response) return response.error().with_context("asking where parts go");
    if (!response->is_success()) return failed(*response, "asking where parts go");
    return protocol::parse_parts_response(response->body);
}

Result<protocol::PartsResponse> ServerLink::output_parts(
    const protocol::OutputPartsRequest& request, const http::CancelToken* cancel) {
    http::CallOptions options;
    options.timeout = kCallTimeout;
    options.cancel = cancel;
    const std::string what = "asking where the parts of an output go";
    const auto response =
        post(protocol::kAgentOutputParts, "application/json", protocol::to_json(request), options);
    if (!response) return response.error().with_context(what);
    if (!response->is_success()) return failed(*response, what);
    return protocol::parse_parts_response(response->body);
}

Status ServerLink::finish_output(const protocol::SentOutput& sent,
                                 const http::CancelToken& cancel) {
    http::CallOptions options;
    options.timeout = kFinishTimeout;
    options.cancel = &cancel;
    const std::string what = "telling that an output was sent";
    const auto response =
        post(protocol::kAgentOutputSent, "application/json", protocol::to_json(sent), options);
    if (!response) return response.error().with_context(what);
    if (!response->is_success()) return failed(*response, what);
    return ok();
}

Status ServerLink::tell_outputs(const std::string& hashes) {
    http::CallOptions options;
    options.timeout = kCallTimeout;
    const auto response = post(protocol::kAgentOutputs, "text/plain", hashes, options);
    if (!response) return response.error().with_context("telling the hashes of outputs");
    if (!response->is_success()) return failed(*response, "telling the hashes of outputs");
    return ok();
}

Result<std::uint64_t> ServerLink::send_log(const std::string& stream, std::uint64_t offset,
                                           const std::string& text, const std::string& ages) {
    http::CallOptions options;
    options.timeout = kCallTimeout;
    std::string target = std::string(protocol::kAgentLogs) +
                         "?stream=" + http::percent_encode(stream) +
                         "&offset=" + std::to_string(offset);
    if (!ages.empty()) target += "&ages=" + http::percent_encode(ages);
    const auto response = post(target, "application/octet-stream", text, options);
    if (!response) return response.error().with_context("sending logs");
    if (!response->is_success() && response->status != 409) {
        return failed(*response, "sending logs");
    }
    const auto answer = protocol::parse_log_answer(response->body);
    if (!answer) return answer.error();
    return answer->next;
}

Status ServerLink::download(const Download& request) {
    const auto to = resolve(request.url);
    if (!to) return to.error();
    const int fd = ::open(request.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return file_error("writing " + request.path);
    http::CallOptions options;
    options.timeout = kTransferTimeout;
    options.idle_timeout = kTransferSilence;
    options.cancel = request.cancel;
    options.on_chunk = [&](std::string_view piece) -> Status {
        if (!write_all(fd, piece)) return file_error("writing " + request.path);
        if (request.on_piece) request.on_piece(piece);
        return ok();
    };
    http::Request get;
    get.target = to->second;
    if (!request.etag.empty()) get.headers.set("If-Match", request.etag);
    const auto response = to->first->call(get, options).to_result();
    ::close(fd);
    const std::string what = "fetching " + nameable(request.url);
    if (!response) return response.error().with_context(what);
    if (!response->is_success()) return failed(*response, what);
    return ok();
}

Result<std::string> ServerLink::fetch(const std::string& url, std::size_t limit,
                                      const http::CancelToken* cancel) {
    const auto to = resolve(url);
    if (!to) return to.error();
    http::CallOptions options;
    options.timeout = kTransferTimeout;
    options.idle_timeout = kTransferSilence;
    options.body_limit = limit;
    options.cancel = cancel;
    http::Request get;
    get.target = to->second;
    auto response = to->first->call(get, options).to_result();
    const std::string what = "fetching " + nameable(url);
    if (!response) return response.error().with_context(what);
    if (!response->is_success()) return failed(*response, what);
    return std::move(response->body);
}

Result<protocol::SignResponse> ServerLink::chunk_urls(const protocol::ChunkWish& wish) {
    http::CallOptions options;
    options.timeout = kCallTimeout;
    const auto response =
        post(protocol::kAgentChunks, "application/json", protocol::to_json(wish), options);
    if (!response) return response.error().with_context("asking for pieces");
    if (!response->is_success()) return failed(*response, "asking for pieces");
    return protocol::parse_sign_response(response->body);
}

Status ServerLink::fetch_range(const RangeWish& wish) {
    const auto to = resolve(wish.url);
    if (!to) return to.error();
    http::CallOptions options;
    options.timeout = kTransferTimeout;
    options.idle_timeout = kTransferSilence;
    options.cancel = wish.cancel;
    options.fresh_connection = wish.is_fresh;
    options.target = wish.target;
    http::Request get;
    get.target = to->second;
    if (!wish.is_whole) {
        get.headers.set("range", "bytes=" + std::to_string(wish.offset.count) + "-" +
                                     std::to_string(wish.offset.count + wish.size.count - 1));
        options.on_head = [](const http::Response& head) -> Status {
            if (head.status != 200) return ok();
            return Error{ErrorCode::kConflict, "the store answers with all instead of a range"};
        };
    }
    const auto response = to->first->call(get, options).to_result();
    const std::string what = "fetching " + nameable(wish.url);
    if (!response) return response.error().with_context(what);
    note_asked_wait(*response, wish.asked_wait);
    if (!response->is_success()) return failed(*response, what);
    return ok();
}

void ServerLink::limit_uploads(Bytes per_second) {
    const std::lock_guard lock(mutex_);
    pacer_ = RatePacer(per_second);
    is_paced_ = per_second.count > 0;
}

Status ServerLink::admit(std::size_t size, const http::CancelToken* cancel) {
    Duration wait{};
    {
        const std::lock_guard lock(mutex_);
        wait = pacer_.admit(Bytes{static_cast<std::int64_t>(size)}, real_now());
    }
    pollfd stop{cancel != nullptr ? cancel->descriptor() : -1, POLLIN, 0};
    const auto ms = static_cast<int>(std::min<std::int64_t>(wait.whole_milliseconds(), 3'600'000));
    if (ms > 0 && ::poll(&stop, 1, ms) > 0) return Error{ErrorCode::kCancelled, "cancelled"};
    return ok();
}

Status ServerLink::upload_file(const std::string& url, const std::string& path,
                               const UploadWay& way) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return not_found("uploading " + path + ": it is gone");
    return upload_part({0, {}, Bytes{info.st_size}, url, {}}, path, way);
}

Status ServerLink::upload_part(const protocol::PartUrl& part, const std::string& path,
                               const UploadWay& way) {
    const auto to = resolve(part.url);
    if (!to) return to.error();
    auto source = http::file_range_source(path, static_cast<std::uint64_t>(part.offset.count),
                                          static_cast<std::uint64_t>(part.size.count));
    if (!source) return source.error();
    http::CallOptions options;
    options.timeout = way.timeout;
    options.idle_timeout = kTransferSilence;
    options.cancel = way.cancel;
    options.fresh_connection = way.is_fresh;
    options.upload = std::move(*source);
    bool is_paced = false;
    {
        const std::lock_guard lock(mutex_);
        is_paced = is_paced_;
    }
    options.upload->is_watched = static_cast<bool>(way.on_sent);
    if (is_paced || way.on_sent) options.upload->piece_max = kSmallPiece;
    options.upload->admit = [&](std::size_t size) {
        Status admitted = is_paced ? admit(size, way.cancel) : ok();
        if (admitted && way.on_sent) way.on_sent();
        return admitted;
    };
    http::Request put = put_request(to->second);
    for (const auto& [name, value] : part.headers)
        put.headers.set(name, value);
    const auto response = to->first->call(put, options).to_result();
    const std::string what = "uploading " + nameable(part.url);
    if (!response) return response.error().with_context(what);
    note_asked_wait(*response, way.asked_wait);
    if (!response->is_success()) return failed(*response, what);
    return ok();
}

Status ServerLink::upload_text(const std::string& url, const std::string& text) {
    const auto to = resolve(url);
    if (!to) return to.error();
    http::CallOptions options;
    options.timeout = kCallTimeout;
    http::Request put = put_request(to->second);
    put.body = text;
    const auto response = to->first->call(put, options).to_result();
    const std::string what = "uploading " + nameable(url);
    if (!response) return response.error().with_context(what);
    if (!response->is_success()) return failed(*response, what);
    return ok();
}

}  // namespace herder
