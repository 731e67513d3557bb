#include "adapters/objects/s3/s3_object_store.h"

#include <algorithm>
#include <array>

#include "adapters/objects/remote/xml_tree.h"
#include "adapters/objects/s3/checksum_text.h"
#include "adapters/objects/s3/object_pages.h"
#include "base/digest.h"
#include "ports/object_key.h"

namespace herder::s3 {

namespace {

Error failed(const S3Refusal& refusal, const std::string& doing) {
    return refusal.error.with_context(doing);
}

}  // namespace

S3ObjectStore::S3ObjectStore(std::unique_ptr<S3Client> client, remote::Abilities abilities,
                             const Clock& calendar)
    : client_(std::move(client)),
      abilities_(std::move(abilities)),
      calendar_(calendar),
      uploads_(*client_, abilities_, calendar_) {}

MultipartUploads* S3ObjectStore::multipart() {
    return abilities_.multipart ? &uploads_ : nullptr;
}

Result<std::string> S3ObjectStore::full_key(const std::string& key) const {
    if (const Status is_key = check_object_key(key); !is_key) return is_key.error();
    return client_->location().prefix + key;
}

Status S3ObjectStore::put(const std::string& key, const std::string& data, bool only_if_absent) {
    S3Request request;
    request.body = data;
    if (abilities_.checksums)
        request.headers.push_back(checksum_header(client_->location().dialect, crc32c(data)));
    return put_request(key, std::move(request), only_if_absent);
}

Status S3ObjectStore::put_file(const std::string& key, const std::string& file, std::uint32_t crc,
                               bool only_if_absent) {
    S3Request request;
    request.body_file = file;
    if (abilities_.checksums)
        request.headers.push_back(checksum_header(client_->location().dialect, crc));
    return put_request(key, std::move(request), only_if_absent);
}

Status S3ObjectStore::put_request(const std::string& key, S3Request request, bool only_if_absent) {
    const auto full = full_key(key);
    if (!full) return full.error();
    request.method = "PUT";
    request.key = *full;
    // Only the leading orchestrator writes here: that makes look-then-put under a lock safe where
    // the store cannot do both at once.
    std::unique_lock<std::mutex> lock;
    if (only_if_absent && abilities_.put_if_absent == remote::PutIfAbsent::kNone) {
        lock = std::unique_lock(puts_);
        const auto there = head(key);
        if (there) {
            return Error{ErrorCode::kConflict, "putting the object " + key + ": it exists already"};
        }
        if (there.error().code != ErrorCode::kNotFound) return there.error();
    }
    if (only_if_absent && abilities_.put_if_absent == remote::PutIfAbsent::kHeader) {
        request.headers.emplace_back("if-none-match", "*");
    }
    if (only_if_absent && abilities_.put_if_absent == remote::PutIfAbsent::kGoogleHeader) {
        request.headers.emplace_back("x-goog-if-generation-match", "0");
    }
    const S3Result done = client_->call(request);
    if (done) return ok();
    const S3Refusal& refusal = done.error();
    // A try before may be what is there now. A file's key is the hash of its content.
    const bool may_be_ours = refusal.error.code == ErrorCode::kConflict && refusal.is_repeated;
    if (may_be_ours && request.body_file.empty()) {
        const auto there = get(key, request.body.size());
        if (there && *there == request.body) return ok();
    }
    return failed(refusal, "putting the object " + key);
}

Result<std::string> S3ObjectStore::get(const std::string& key, std::size_t limit) {
    const auto full = full_key(key);
    if (!full) return full.error();
    S3Request request;
    request.key = *full;
    // An error document may be larger than what is expected.
    request.body_limit = std::max<std::size_t>(limit, 64 << 10);
    auto done = client_->call(request);
    if (!done) return failed(done.error(), "reading the object " + key);
    return remote::checked_size(key, std::move(done->response.body), limit);
}

Result<ObjectInfo> S3ObjectStore::head(const std::string& key) {
    const auto full = full_key(key);
    if (!full) return full.error();
    S3Request request;
    request.method = "HEAD";
    request.key = *full;
    const Dialect dialect = client_->location().dialect;
    if (abilities_.checksums && dialect == Dialect::kAmazon)
        request.headers.emplace_back("x-amz-checksum-mode", "ENABLED");
    const auto done = client_->call(request);
    if (!done) return failed(done.error(), "looking at the object " + key);
    const http::Headers& headers = done->response.headers;
    ObjectInfo info{
        key, Bytes{remote::to_number(headers.get("content-length").value_or("0"))}, {}, {}};
    info.crc32c = told_checksum(dialect, headers);
    info.made_by = headers.get(mark_header(dialect)).value_or("");
    return info;
}

Result<std::vector<ObjectInfo>> S3ObjectStore::list(const std::string& prefix, std::size_t limit) {
    const std::string below =
        prefix.substr(0, prefix.rfind('/') == std::string::npos ? 0 : prefix.rfind('/'));
    if (!below.empty()) {
        if (const Status is_key = check_object_key(below); !is_key) return is_key.error();
    }
    const std::string& above = client_->location().prefix;
    std::vector<ObjectInfo> found;
    PageWish wish{.prefix = above + prefix, .token = ""};
    do {
        wish.entries_max = limit - found.size();
        const auto page = list_page(*client_, wish);
        if (!page) return page.error();
        for (const ListedObject& object : page->objects) {
            if (found.size() == limit) break;
            found.push_back(
                {object.key.substr(above.size()), object.size, std::nullopt, object.modified});
        }
        wish.token = page->token;
    } while (!wish.token.empty() && found.size() < limit);
    const auto by_key = [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; };
    std::sort(found.begin(), found.end(), by_key);
    return found;
}

Status S3ObjectStore::remove(const std::string& key) {
    const auto full = full_key(key);
    if (!full) return full.error();
    S3Request request;
    request.method = "DELETE";
    request.key = *full;
    const auto done = client_->call(request);
    if (!done) return failed(done.error(), "removing the object " + key);
    return ok();
}

Result<std::string> S3ObjectStore::sign(UrlVerb verb, const std::string& key, WallTime expires) {
    const auto full = full_key(key);
    if (!full) return full.error();
    S3Request request;
    request.method = verb == UrlVerb::kGet ? "GET" : "PUT";
    request.key = *full;
    return client_->presign(request, expires - calendar_.wall());
}

}  // namespace herder::s3
