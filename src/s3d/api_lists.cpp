// Listings: objects (both versions), parts, uploads. All of them page.
#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "s3d/api.h"
#include "s3d/xml.h"

namespace herder::s3d {

namespace {

constexpr const char* kNamespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

const char* truth(bool value) {
    return value ? "true" : "false";
}

std::string named(const Call& call, const std::string& text) {
    return call.request.parameter("encoding-type") == "url" ? encode(text, true) : text;
}

}  // namespace

std::size_t Api::page_limit(const Call& call, const char* parameter) const {
    const std::string text = call.request.parameter(parameter).value_or("");
    std::size_t wanted = 1000;
    std::from_chars(text.data(), text.data() + text.size(), wanted);
    return std::min({wanted, options_.page_size, std::size_t{1000}});
}

Reply Api::list_objects(const Call& call) {
    const bool is_second = call.operation == "ListObjectsV2";
    const auto of = [&](const char* name) { return call.request.parameter(name).value_or(""); };
    ListWish wish;
    wish.prefix = of("prefix");
    wish.delimiter = of("delimiter");
    wish.limit = page_limit(call, "max-keys");
    const std::string token = of("continuation-token");
    if (!is_second)
        wish.after = of("marker");
    else if (token.empty())
        wish.after = of("start-after");
    else if (const auto after = from_hex(token))
        wish.after = *after;
    else
        return error_reply(400, "InvalidArgument", "The continuation token provided is incorrect");
    const ListPage page = vault_.list(call.bucket, wish);
    XmlWriter xml;
    xml.open("ListBucketResult", kNamespace).leaf("Name", call.bucket);
    xml.leaf("Prefix", named(call, wish.prefix)).leaf("MaxKeys", std::to_string(wish.limit));
    xml.leaf("IsTruncated", truth(!page.next.empty()));
    if (is_second) {
        xml.leaf("KeyCount", std::to_string(page.objects.size() + page.prefixes.size()));
        if (!page.next.empty()) xml.leaf("NextContinuationToken", to_hex(page.next));
    } else if (!page.next.empty()) {
        xml.leaf("NextMarker", named(call, page.next));
    }
    for (const auto& [key, object] : page.objects) {
        xml.open("Contents").leaf("Key", named(call, key));
        xml.leaf("LastModified", to_rfc3339(object.modified))
            .leaf("ETag", "\"" + object.etag + "\"");
        xml.leaf("Size", std::to_string(object.blob->size()))
            .leaf("StorageClass", "STANDARD")
            .close();
    }
    for (const std::string& prefix : page.prefixes)
        xml.open("CommonPrefixes").leaf("Prefix", named(call, prefix)).close();
    return xml_reply(xml.finish());
}

Reply Api::list_parts(const Call& call) const {
    const auto upload = vault_.upload(call.bucket, *call.request.parameter("uploadId"));
    if (!upload || upload->key != call.key) {
        return error_reply(404, "NoSuchUpload", "The specified multipart upload does not exist.");
    }
    int after = 0;
    const std::string marker = call.request.parameter("part-number-marker").value_or("");
    std::from_chars(marker.data(), marker.data() + marker.size(), after);
    const std::size_t limit = page_limit(call, "max-parts");
    XmlWriter parts;
    std::size_t count = 0;
    int last = after;
    auto i = upload->parts.upper_bound(after);
    for (; i != upload->parts.end() && count < limit; ++i, ++count) {
        parts.open("Part").leaf("PartNumber", std::to_string(i->first));
        parts.leaf("LastModified", to_rfc3339(i->second.modified))
            .leaf("ETag", "\"" + i->second.etag + "\"");
        parts.leaf("Size", std::to_string(i->second.blob->size()));
        if (const auto crc = i->second.checksums.find(Algorithm::kCrc32c);
            crc != i->second.checksums.end() && !call.verified.is_google) {
            parts.leaf("ChecksumCRC32C", crc->second);
        }
        parts.close();
        last = i->first;
    }
    XmlWriter xml;
    xml.open("ListPartsResult", kNamespace).leaf("Bucket", call.bucket).leaf("Key", call.key);
    xml.leaf("UploadId", upload->id).leaf("PartNumberMarker", std::to_string(after));
    xml.leaf("NextPartNumberMarker", std::to_string(last)).leaf("MaxParts", std::to_string(limit));
    xml.leaf("IsTruncated", truth(i != upload->parts.end()));
    const std::string list = parts.finish();
    Reply reply = xml_reply(xml.finish());
    // The parts go before the end tag.
    reply.body.insert(reply.body.rfind("</ListPartsResult>"), list.substr(list.find('\n') + 1));
    return reply;
}

Reply Api::list_uploads(const Call& call) const {
    const auto of = [&](const char* name) { return call.request.parameter(name).value_or(""); };
    const std::string after_key = of("key-marker");
    const std::string after_id = of("upload-id-marker");
    const std::size_t limit = page_limit(call, "max-uploads");
    XmlWriter xml;
    xml.open("ListMultipartUploadsResult", kNamespace).leaf("Bucket", call.bucket);
    std::size_t count = 0;
    bool is_truncated = false;
    std::pair<std::string, std::string> last;
    for (const Upload& upload : vault_.uploads(call.bucket, of("prefix"))) {
        const bool is_before =
            upload.key < after_key ||
            (upload.key == after_key && (after_id.empty() || upload.id <= after_id));
        if (is_before) continue;
        if (count == limit) {
            is_truncated = true;
            break;
        }
        xml.open("Upload").leaf("Key", named(call, upload.key)).leaf("UploadId", upload.id);
        xml.leaf("Initiated", to_rfc3339(upload.initiated)).close();
        last = {upload.key, upload.id};
        ++count;
    }
    if (is_truncated) {
        xml.leaf("NextKeyMarker", named(call, last.first)).leaf("NextUploadIdMarker", last.second);
    }
    xml.leaf("IsTruncated", truth(is_truncated));
    return xml_reply(xml.finish());
}

}  // namespace herder::s3d
