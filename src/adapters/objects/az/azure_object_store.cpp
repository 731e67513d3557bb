#include "adapters/objects/az/azure_object_store.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "adapters/objects/az/blob_pages.h"
#include "adapters/objects/remote/base64_text.h"
#include "adapters/objects/remote/xml_tree.h"
#include "ports/object_key.h"

namespace herder::az {

namespace {

std::string md5_base64(const std::string& data) {
    std::array<unsigned char, 16> out{};
    unsigned int size = 0;
    EVP_Digest(data.data(), data.size(), out.data(), &size, EVP_md5(), nullptr);
    return remote::to_base64({reinterpret_cast<const char*>(out.data()), size});
}

}  // namespace

AzureObjectStore::AzureObjectStore(std::unique_ptr<AzureClient> client, const Clock& calendar)
    : client_(std::move(client)), calendar_(calendar), uploads_(*client_, calendar_) {}

Result<AzureRequest> AzureObjectStore::request_for(const std::string& method,
                                                   const std::string& key) const {
    if (const Status is_key = check_object_key(key); !is_key) return is_key.error();
    AzureRequest request;
    request.method = method;
    request.container = client_->location().container;
    request.blob = client_->location().prefix + key;
    return request;
}

Status AzureObjectStore::put(const std::string& key, const std::string& data, bool only_if_absent) {
    auto request = request_for("PUT", key);
    if (!request) return request.error();
    request->body = data;
    request->headers.emplace_back("content-md5", md5_base64(data));
    return put_request(key, std::move(*request), only_if_absent);
}

Status AzureObjectStore::put_file(const std::string& key, const std::string& file,
                                  std::uint32_t /*crc32c*/, bool only_if_absent) {
    auto request = request_for("PUT", key);
    if (!request) return request.error();
    request->body_file = file;
    return put_request(key, std::move(*request), only_if_absent);
}

Status AzureObjectStore::put_request(const std::string& key, AzureRequest request,
                                     bool only_if_absent) {
    request.headers.emplace_back("x-ms-blob-type", "BlockBlob");
    if (only_if_absent) request.headers.emplace_back("if-none-match", "*");
    const auto done = client_->call(request);
    if (done) return ok();
    const remote::RemoteRefusal& refusal = done.error();
    // A try before may be what is there now. A file's key is the hash of its content.
    const bool may_be_ours = refusal.error.code == ErrorCode::kConflict && refusal.is_repeated;
    if (may_be_ours && request.body_file.empty()) {
        const auto there = get(key, request.body.size());
        if (there && *there == request.body) return ok();
    }
    return refusal.error.with_context("putting the object " + key);
}

Result<std::string> AzureObjectStore::get(const std::string& key, std::size_t limit) {
    auto request = request_for("GET", key);
    if (!request) return request.error();
    request->body_limit = std::max<std::size_t>(limit, 64 << 10);
    auto done = client_->call(*request);
    if (!done) return done.error().error.with_context("reading the object " + key);
    return remote::checked_size(key, std::move(done->response.body), limit);
}

Result<ObjectInfo> AzureObjectStore::head(const std::string& key) {
    const auto request = request_for("HEAD", key);
    if (!request) return request.error();
    const auto done = client_->call(*request);
    if (!done) return done.error().error.with_context("looking at the object " + key);
    const http::Headers& headers = done->response.headers;
    // Azure knows MD5 and CRC-64 of what came in one piece, and no CRC-32C.
    return ObjectInfo{key,
                      Bytes{remote::to_number(headers.get("content-length").value_or("0"))},
                      {},
                      {},
                      std::string(headers.get(kMadeBy).value_or(""))};
}

Result<std::vector<ObjectInfo>> AzureObjectStore::list(const std::string& prefix,
                                                       std::size_t limit) {
    const std::string& above = client_->location().prefix;
    std::vector<ObjectInfo> found;
    PageWish wish{client_->location().container, above + prefix, "", {}};
    do {
        const auto page = list_page(*client_, wish);
        if (!page) return page.error();
        for (const ListedBlob& blob : page->blobs) {
            if (found.size() == limit) break;
            found.push_back({blob.name.substr(above.size()), blob.size, {}, blob.modified});
        }
        wish.marker = page->marker;
    } while (!wish.marker.empty() && found.size() < limit);
    const auto by_key = [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; };
    std::sort(found.begin(), found.end(), by_key);
    return found;
}

Status AzureObjectStore::remove(const std::string& key) {
    const auto request = request_for("DELETE", key);
    if (!request) return request.error();
    const auto done = client_->call(*request);
    if (!done) return done.error().error.with_context("removing the object " + key);
    return ok();
}

Result<std::string> AzureObjectStore::sign(UrlVerb verb, const std::string& key, WallTime expires) {
    const auto request = request_for("GET", key);
    if (!request) return request.error();
    return client_->sign(request->container, request->blob, verb == UrlVerb::kGet ? "r" : "cw",
                         expires - calendar_.wall());
}

}  // namespace herder::az
