#include "adapters/objects/az/azure_uploads.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <thread>

#include "adapters/http/http_date.h"
#include "adapters/objects/az/blob_pages.h"
#include "adapters/objects/remote/base64_text.h"
#include "adapters/objects/remote/xml_tree.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "ports/object_key.h"

namespace herder::az {

namespace {

// A blob takes 50,000 blocks, a part may have 5,000 MiB (learn.microsoft.com/azure/storage/blobs/
// scalability-targets, November 2026). Fewer parts than blocks, as other stores have it.
constexpr int kPartsMax = 10'000;
constexpr Bytes kPartSizeMin{1};
constexpr std::size_t kCopiers = 8;
// Of a part that goes through this server.
constexpr std::size_t kCopyMax = std::size_t{1} << 30;
constexpr Duration kCopyLife = hours(1);
std::string name_of_part(int number) {
    const std::string digits = std::to_string(number);
    return std::string(5 - std::min<std::size_t>(5, digits.size()), '0') + digits;
}

// The blocks of two uploads of one object have other names; all names have one length, as they
// must.
std::string block_of(const PendingUpload& upload, int number) {
    return remote::to_base64(upload.upload + name_of_part(number));
}

Error no_upload(const std::string& key) {
    return not_found("there is no such upload of " + key);
}

}  // namespace

AzureUploads::AzureUploads(AzureClient& client, const Clock& calendar)
    : client_(client),
      calendar_(calendar),
      family_(
          "herder-" +
          sha256_hex(client.location().container + "/" + client.location().prefix).substr(0, 12) +
          "-") {}

UploadLimits AzureUploads::limits() const {
    return {kPartSizeMin, kPartsMax, false, false};
}

// Azure takes what comes with such a URL whatever its checksum.
std::map<std::string, std::string> AzureUploads::part_headers(std::uint32_t /*crc32c*/) const {
    return {{"x-ms-blob-type", "BlockBlob"}};
}

Status AzureUploads::check(const PendingUpload& upload) const {
    if (const Status is_key = check_object_key(upload.key); !is_key) return is_key.error();
    // Never touches a container that is not for uploads to this place.
    return upload.upload.starts_with(family_) ? ok() : Status(no_upload(upload.key));
}

AzureRequest AzureUploads::object_request(const std::string& method, const std::string& key) const {
    AzureRequest request;
    request.method = method;
    request.container = client_.location().container;
    request.blob = client_.location().prefix + key;
    return request;
}

Result<std::string> AzureUploads::create(const std::string& key) {
    if (const Status is_key = check_object_key(key); !is_key) return is_key.error();
    std::array<unsigned char, 10> draw{};
    if (RAND_bytes(draw.data(), static_cast<int>(draw.size())) != 1)
        return internal("the system gives no random bytes");
    AzureRequest request;
    request.method = "PUT";
    request.container = family_ + to_hex({reinterpret_cast<const char*>(draw.data()), draw.size()});
    request.query = {{"restype", "container"}};
    request.headers = {{"x-ms-meta-key", key}};
    const auto done = client_.call(request);
    // A try before may have made it: nobody else draws this name.
    const bool is_ours =
        !done && done.error().is_repeated && done.error().code == "ContainerAlreadyExists";
    if (!done && !is_ours) return done.error().error.with_context("starting the upload of " + key);
    return request.container;
}

Result<std::string> AzureUploads::sign_part(const PendingUpload& upload, int number, Bytes,
                                            std::optional<std::uint32_t>, WallTime expires) {
    if (auto checked = check(upload); !checked) return checked.error();
    if (number < 1 || number > kPartsMax) {
        return invalid("signing part " + std::to_string(number) + " of " + upload.key +
                       ": this store takes parts 1 to " + std::to_string(kPartsMax));
    }
    return client_.sign(upload.upload, name_of_part(number), "cw", expires - calendar_.wall());
}

Result<std::vector<UploadPart>> AzureUploads::parts(const PendingUpload& upload) {
    if (auto checked = check(upload); !checked) return checked.error();
    std::vector<UploadPart> found;
    PageWish wish{upload.upload, "", "", {}};
    do {
        auto page = list_page(client_, wish);
        if (!page) return page.error().with_context("the parts of " + upload.key);
        for (ListedBlob& blob : page->blobs) {
            const auto number = static_cast<int>(remote::to_number(blob.name));
            if (number < 1 || blob.name != name_of_part(number)) continue;
            found.push_back({number, blob.size, std::move(blob.etag), {}});
        }
        wish.marker = page->marker;
    } while (!wish.marker.empty());
    std::sort(found.begin(), found.end(),
              [](const UploadPart& a, const UploadPart& b) { return a.number < b.number; });
    return found;
}

// Whether the object is there and this upload has made it.
bool AzureUploads::is_completed(const PendingUpload& upload) {
    const auto head = client_.call(object_request("HEAD", upload.key));
    return head && head->response.headers.get(kMadeBy) == upload.upload;
}

namespace {

// A second copy of the part came meanwhile, so its ETag is another one.
Error copying_failed(const remote::RemoteRefusal& refusal, const UploadPart& part) {
    if (refusal.status != 412) return refusal.error;
    return {ErrorCode::kCorrupt, "part " + std::to_string(part.number) + " is another one"};
}

}  // namespace

Status AzureUploads::copy_through_here(const PendingUpload& upload, const UploadPart& part) {
    AzureRequest get;
    get.container = upload.upload;
    get.blob = name_of_part(part.number);
    get.headers = {{"if-match", "\"" + part.etag + "\""}};
    get.body_limit = kCopyMax;
    auto got = client_.call(get);
    if (!got) return copying_failed(got.error(), part);
    AzureRequest put = object_request("PUT", upload.key);
    put.query = {{"comp", "block"}, {"blockid", block_of(upload, part.number)}};
    put.body = std::move(got->response.body);
    const auto done = client_.call(put);
    return done ? ok() : Status(done.error().error);
}

Status AzureUploads::copy_part(const PendingUpload& upload, const UploadPart& part) {
    if (!copies_itself_) return copy_through_here(upload, part);
    const auto source = client_.sign(upload.upload, name_of_part(part.number), "r", kCopyLife);
    if (!source) return source.error();
    AzureRequest request = object_request("PUT", upload.key);
    request.query = {{"comp", "block"}, {"blockid", block_of(upload, part.number)}};
    request.headers = {{"x-ms-copy-source", *source},
                       {"x-ms-source-if-match", "\"" + part.etag + "\""}};
    const auto done = client_.call(request);
    if (done) return ok();
    // Azurite 3 has no Put Block From URL (its README, November 2026).
    if (done.error().status == 501) {
        copies_itself_ = false;
        return copy_through_here(upload, part);
    }
    return copying_failed(done.error(), part);
}

Status AzureUploads::copy_parts(const PendingUpload& upload, const std::vector<UploadPart>& parts) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    Status outcome = ok();  // guarded by mutex; the first error
    const auto work = [&] {
        for (std::size_t i = next++; i < parts.size(); i = next++) {
            const Status copied = copy_part(upload, parts[i]);
            if (copied) continue;
            const std::lock_guard lock(mutex);
            if (outcome) outcome = copied;
            next = parts.size();
        }
    };
    std::vector<std::thread> copiers;
    while (copiers.size() + 1 < std::min(kCopiers, parts.size()))
        copiers.emplace_back(work);
    work();
    for (std::thread& copier : copiers)
        copier.join();
    return outcome;
}

Status AzureUploads::commit(const PendingUpload& upload, const std::vector<UploadPart>& parts) {
    AzureRequest request = object_request("PUT", upload.key);
    request.query = {{"comp", "blocklist"}};
    // Over nothing: what is published stays, whoever comes late with another upload of its key.
    request.headers = {{kMadeBy, upload.upload}, {"if-none-match", "*"}};
    request.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
    for (const UploadPart& part : parts)
        request.body += "<Uncommitted>" + block_of(upload, part.number) + "</Uncommitted>";
    request.body += "</BlockList>";
    const auto done = client_.call(request);
    if (done || is_completed(upload)) return ok();
    return done.error().error;
}

remote::RemoteResult AzureUploads::remove_container(const std::string& name) {
    AzureRequest request;
    request.method = "DELETE";
    request.container = name;
    request.query = {{"restype", "container"}};
    return client_.call(request);
}

Status AzureUploads::complete(const PendingUpload& upload, const std::vector<UploadPart>& wanted) {
    if (auto checked = check(upload); !checked) return checked.error();
    const std::string doing = "completing the upload of " + upload.key;
    const auto there = parts(upload);
    if (!there || is_completed(upload)) {
        if (!is_completed(upload)) return there.error().with_context(doing);
        // What is left of it goes now, or when it is swept.
        (void)remove_container(upload.upload);
        return ok();
    }
    for (const UploadPart& part : wanted) {
        const bool is_there =
            std::any_of(there->begin(), there->end(), [&](const UploadPart& held) {
                return held.number == part.number && held.etag == part.etag &&
                       held.size == part.size;
            });
        if (!is_there) {
            return Error{ErrorCode::kCorrupt,
                         doing + ": part " + std::to_string(part.number) + " is another one"};
        }
    }
    if (auto copied = copy_parts(upload, wanted); !copied)
        return copied.error().with_context(doing);
    if (auto done = commit(upload, wanted); !done) return done.error().with_context(doing);
    (void)remove_container(upload.upload);
    return ok();
}

Status AzureUploads::abort(const PendingUpload& upload) {
    if (auto checked = check(upload); !checked) return checked.error();
    const auto done = remove_container(upload.upload);
    if (done || (done.error().is_repeated && done.error().status == 404)) return ok();
    return done.error().error.with_context("aborting the upload of " + upload.key);
}

Result<std::vector<PendingUpload>> AzureUploads::pending(const std::string& prefix,
                                                         std::size_t limit) {
    const std::string doing = "listing the uploads under " + prefix;
    std::vector<PendingUpload> found;
    std::string marker;
    do {
        AzureRequest request;
        request.query = {{"comp", "list"}, {"include", "metadata"}, {"prefix", family_}};
        if (!marker.empty()) request.query.emplace_back("marker", marker);
        const auto done = client_.call(request);
        if (!done) return done.error().error.with_context(doing);
        const auto xml = remote::parse_answer(done->response.body);
        if (!xml) return xml.error().with_context(doing);
        for (const remote::XmlNode& node : xml->child("Containers").children) {
            const std::string& key = node.child("Metadata")["key"];
            const bool is_ours = node["Name"].starts_with(family_) && !key.empty();
            if (!is_ours || !key.starts_with(prefix)) continue;
            const auto made = http::parse_http_date(node.child("Properties")["Last-Modified"]);
            found.push_back({key, node["Name"], made.value_or(WallTime{})});
        }
        if ((*xml)["NextMarker"] == marker) break;
        marker = (*xml)["NextMarker"];
    } while (!marker.empty());
    std::sort(found.begin(), found.end(),
              [](const PendingUpload& a, const PendingUpload& b) { return a.key < b.key; });
    if (found.size() > limit) found.resize(limit);
    return found;
}

}  // namespace herder::az
