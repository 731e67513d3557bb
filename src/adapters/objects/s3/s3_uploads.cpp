#include "adapters/objects/s3/s3_uploads.h"

#include <algorithm>
#include <ctime>

#include "adapters/objects/remote/xml_tree.h"
#include "adapters/objects/s3/checksum_text.h"
#include "ports/object_key.h"

namespace herder::s3 {

namespace {

constexpr const char* kPartNumber = "partNumber";

// Some answer with quotes, some without; a Complete takes both.
std::string unquoted(std::string etag) {
    std::erase(etag, '"');
    return etag;
}

}  // namespace

WallTime parse_iso_time(const std::string& text) {
    std::tm parts{};
    if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return {};
    return WallTime{static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000};
}

UploadLimits S3Uploads::limits() const {
    return {abilities_.part_size_min, abilities_.parts_max, abilities_.equal_parts,
            abilities_.part_checksums};
}

Result<S3Request> S3Uploads::request_for(const std::string& method,
                                         const PendingUpload& upload) const {
    if (const Status is_key = check_object_key(upload.key); !is_key) return is_key.error();
    S3Request request;
    request.method = method;
    request.key = client_.location().prefix + upload.key;
    if (!upload.upload.empty()) request.query.emplace_back("uploadId", upload.upload);
    return request;
}

const char* mark_header(Dialect dialect) {
    return dialect == Dialect::kAmazon ? "x-amz-meta-herder-upload" : "x-goog-meta-herder-upload";
}

Result<std::string> S3Uploads::create_marked(const std::string& key, const std::string& mark) {
    auto request = request_for("POST", {key, "", {}});
    if (!request) return request.error();
    request->query.emplace_back("uploads", "");
    if (abilities_.part_checksums && client_.location().dialect == Dialect::kAmazon)
        request->headers.emplace_back("x-amz-checksum-algorithm", "CRC32C");
    if (!mark.empty()) request->headers.emplace_back(mark_header(client_.location().dialect), mark);
    const auto done = client_.call(*request);
    if (!done) return done.error().error.with_context("starting the upload of " + key);
    const auto xml = remote::parse_answer(done->response.body);
    const std::string upload = xml ? (*xml)["UploadId"] : "";
    if (upload.empty()) {
        return Error{ErrorCode::kCorrupt,
                     "starting the upload of " + key + ": the store's answer names no upload"};
    }
    return upload;
}

std::map<std::string, std::string> S3Uploads::part_headers(std::uint32_t crc32c) const {
    return {checksum_header(client_.location().dialect, crc32c)};
}

Result<std::string> S3Uploads::sign_part(const PendingUpload& upload, int number, Bytes size,
                                         std::optional<std::uint32_t> crc32c, WallTime expires) {
    auto request = request_for("PUT", upload);
    if (!request) return request.error();
    if (number < 1 || number > abilities_.parts_max) {
        return invalid("signing part " + std::to_string(number) + " of " + upload.key +
                       ": this store takes parts 1 to " + std::to_string(abilities_.parts_max));
    }
    request->query.emplace_back(kPartNumber, std::to_string(number));
    if (abilities_.signed_size) {
        request->headers.emplace_back("content-length", std::to_string(size.count));
    }
    if (abilities_.part_checksums && !crc32c) {
        return invalid("signing part " + std::to_string(number) + " of " + upload.key +
                       ": the store verifies parts, and this one's checksum is not given");
    }
    if (abilities_.part_checksums)
        request->headers.push_back(checksum_header(client_.location().dialect, *crc32c));
    // Whole seconds, so that all of a window are alike; a URL's life has no finer ones.
    const Duration life = seconds((expires - calendar_.wall() + milliseconds(500)).whole_seconds());
    return client_.presign_alike(*request, kPartNumber, life);
}

Result<std::vector<UploadPart>> S3Uploads::parts(const PendingUpload& upload) {
    std::vector<UploadPart> found;
    std::string marker;
    while (true) {
        auto request = request_for("GET", upload);
        if (!request) return request.error();
        if (!marker.empty()) request->query.emplace_back("part-number-marker", marker);
        const auto done = client_.call(*request);
        if (!done) return done.error().error.with_context("listing the parts of " + upload.key);
        const auto xml = remote::parse_answer(done->response.body);
        if (!xml) return xml.error().with_context("listing the parts of " + upload.key);
        for (const remote::XmlNode& node : xml->children) {
            if (node.name != "Part") continue;
            found.push_back({static_cast<int>(remote::to_number(node["PartNumber"])),
                             Bytes{remote::to_number(node["Size"])}, unquoted(node["ETag"]),
                             parse_checksum_text(node["ChecksumCRC32C"])});
        }
        const std::string next = (*xml)["NextPartNumberMarker"];
        if ((*xml)["IsTruncated"] != "true") return found;
        // Without progress this would never end.
        if (remote::to_number(next) <= remote::to_number(marker)) {
            return Error{ErrorCode::kCorrupt, "listing the parts of " + upload.key +
                                                  ": the store repeats the same page"};
        }
        marker = next;
    }
}

Status S3Uploads::complete(const PendingUpload& upload, const std::vector<UploadPart>& parts) {
    auto request = request_for("POST", upload);
    if (!request) return request.error();
    request->may_hide_error = true;
    request->body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (const UploadPart& part : parts) {
        request->body += "<Part><PartNumber>" + std::to_string(part.number) +
                         "</PartNumber><ETag>" +
                         remote::escape_xml("\"" + unquoted(part.etag) + "\"") + "</ETag>";
        if (abilities_.part_checksums && part.crc32c) {
            request->body +=
                "<ChecksumCRC32C>" + to_checksum_text(*part.crc32c) + "</ChecksumCRC32C>";
        }
        request->body += "</Part>";
    }
    request->body += "</CompleteMultipartUpload>";
    const auto done = client_.call(*request);
    if (done) return ok();
    return completion_failed(upload, done.error());
}

// Ceph 16 answers 500 for an upload that is not there (seen November 2026), so that its parts are
// asked for. Such an upload was aborted, or it was completed and only the answer was lost: AWS
// answers NoSuchUpload then. An object at its key may be of another upload, so callers judge.
Error S3Uploads::completion_failed(const PendingUpload& upload, const S3Refusal& refusal) {
    const std::string doing = "completing the upload of " + upload.key;
    bool is_gone = refusal.code == "NoSuchUpload";
    if (!is_gone && refusal.status >= 500) {
        const auto left = parts(upload);
        is_gone = !left && left.error().code == ErrorCode::kNotFound;
    }
    if (is_gone) return not_found(doing + ": there is no such upload");
    return refusal.error.with_context(doing);
}

Status S3Uploads::abort(const PendingUpload& upload) {
    const auto request = request_for("DELETE", upload);
    if (!request) return request.error();
    const auto done = client_.call(*request);
    if (!done) return done.error().error.with_context("aborting the upload of " + upload.key);
    return ok();
}

Result<std::vector<PendingUpload>> S3Uploads::pending(const std::string& prefix,
                                                      std::size_t limit) {
    const std::string& own = client_.location().prefix;
    std::vector<PendingUpload> found;
    std::string key_marker;
    std::string upload_marker;
    while (true) {
        S3Request request;
        request.query = {{"uploads", ""}, {"prefix", own + prefix}};
        if (!key_marker.empty()) request.query.emplace_back("key-marker", key_marker);
        if (!upload_marker.empty()) request.query.emplace_back("upload-id-marker", upload_marker);
        const auto done = client_.call(request);
        if (!done) return done.error().error.with_context("listing the uploads under " + prefix);
        const auto xml = remote::parse_answer(done->response.body);
        if (!xml) return xml.error().with_context("listing the uploads under " + prefix);
        for (const remote::XmlNode& node : xml->children) {
            const bool is_ours = node.name == "Upload" && node["Key"].starts_with(own);
            if (!is_ours || found.size() == limit) continue;
            found.push_back({node["Key"].substr(own.size()), node["UploadId"],
                             parse_iso_time(node["Initiated"])});
        }
        const std::string key = (*xml)["NextKeyMarker"];
        const std::string id = (*xml)["NextUploadIdMarker"];
        const bool is_last =
            (*xml)["IsTruncated"] != "true" || (key == key_marker && id == upload_marker);
        if (is_last || found.size() == limit) return found;
        key_marker = key;
        upload_marker = id;
    }
}

}  // namespace herder::s3
