// Multipart uploads: create, parts, complete, abort.
#include <charconv>

#include "s3d/api.h"
#include "s3d/xml.h"

namespace herder::s3d {

namespace {

int part_number(const std::string& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

CompletedPart to_part(const XmlRecord& record) {
    CompletedPart part;
    for (const auto& [name, value] : record) {
        if (name == "PartNumber") part.number = part_number(value);
        if (name == "ETag") part.etag = value;
        for (const Algorithm algorithm : wire_algorithms()) {
            std::string upper = std::string("Checksum") + name_of(algorithm);
            for (std::size_t i = 8; i < upper.size(); ++i)
                upper[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(upper[i])));
            if (name == upper) part.checksums[algorithm] = value;
        }
    }
    std::erase(part.etag, '"');
    return part;
}

}  // namespace

Reply Api::create_upload(const Call& call) {
    Upload upload;
    upload.key = call.key;
    upload.initiated = clock_.wall();
    upload.metadata = metadata_of(call.request);
    std::string algorithm = call.request.header("x-amz-checksum-algorithm").value_or("");
    for (char& c : algorithm)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!algorithm.empty() && vault_.quirks().checksums == Support::kRefused) {
        return error_reply(501, "NotImplemented", "Unsupported header x-amz-checksum-algorithm");
    }
    upload.algorithm = algorithm_of(algorithm);
    const std::string id = vault_.create_upload(call.bucket, std::move(upload));
    XmlWriter xml;
    xml.open("InitiateMultipartUploadResult", "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"");
    xml.leaf("Bucket", call.bucket).leaf("Key", call.key).leaf("UploadId", id);
    return xml_reply(xml.finish());
}

Result<Reply> Api::upload_part(Call& call) {
    const std::string id = *call.request.parameter("uploadId");
    const int number = part_number(call.request.parameter("partNumber").value_or(""));
    if (number < 1 || number > vault_.quirks().parts_max) {
        return error_reply(400, "InvalidArgument",
                           "Part number must be an integer between 1 and " +
                               std::to_string(vault_.quirks().parts_max));
    }
    const auto upload = vault_.upload(call.bucket, id);
    if (!upload || upload->key != call.key) {
        return error_reply(404, "NoSuchUpload", "The specified multipart upload does not exist.");
    }
    auto outcome = receive(call);
    if (!outcome) return outcome.error();
    if (!outcome->value) return error_reply(outcome->refusal);
    Part part{outcome->value->blob, outcome->value->etag, outcome->value->checksums, clock_.wall()};
    Reply reply;
    reply.headers.emplace_back("ETag", "\"" + part.etag + "\"");
    for (const auto& [algorithm, value] : part.checksums)
        reply.headers.emplace_back(std::string("x-amz-checksum-") + name_of(algorithm), value);
    if (auto refused = vault_.put_part(call.bucket, id, number, std::move(part))) {
        return error_reply(*refused);
    }
    return reply;
}

Result<Reply> Api::complete_upload(Call& call) {
    const auto document = read_document(call);
    if (!document) return document.error();
    const auto records = xml_records(*document, "Part");
    if (!records) return error_reply(400, "MalformedXML", records.error().message);
    std::vector<CompletedPart> parts;
    for (const XmlRecord& record : *records)
        parts.push_back(to_part(record));
    const auto outcome = vault_.complete(call.bucket, call.key, *call.request.parameter("uploadId"),
                                         parts, condition_of(call.request), clock_.wall());
    if (!outcome.value) return error_reply(outcome.refusal);
    XmlWriter xml;
    xml.open("CompleteMultipartUploadResult", "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"");
    xml.leaf("Bucket", call.bucket)
        .leaf("Key", call.key)
        .leaf("ETag", "\"" + outcome.value->etag + "\"");
    return xml_reply(xml.finish());
}

Reply Api::abort_upload(const Call& call) {
    if (auto refused = vault_.abort(call.bucket, *call.request.parameter("uploadId"))) {
        return error_reply(*refused);
    }
    Reply reply;
    reply.status = 204;
    return reply;
}

}  // namespace herder::s3d
