#include "s3d/api.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "s3d/xml.h"

namespace herder::s3d {

namespace {

constexpr std::size_t kDocumentMax = 4 << 20;
constexpr const char* kConfigurations[] = {"lifecycle", "versioning", "cors", "tagging", "policy"};

std::string configuration_of(const Request& request) {
    for (const char* name : kConfigurations) {
        if (request.has(name)) return name;
    }
    return "";
}

std::string object_operation(const Request& request) {
    const std::string& method = request.method;
    const bool has_upload = request.has("uploadId");
    if (method == "PUT") return has_upload ? "UploadPart" : "PutObject";
    if (method == "GET") return has_upload ? "ListParts" : "GetObject";
    if (method == "HEAD") return "HeadObject";
    if (method == "DELETE") return has_upload ? "AbortMultipartUpload" : "DeleteObject";
    if (method == "POST" && request.has("uploads")) return "CreateMultipartUpload";
    if (method == "POST" && has_upload) return "CompleteMultipartUpload";
    return "";
}

std::string bucket_operation(const Request& request) {
    const std::string& method = request.method;
    const bool is_configuration = !configuration_of(request).empty();
    if (method == "PUT") return is_configuration ? "PutBucketConfiguration" : "CreateBucket";
    if (method == "HEAD") return "HeadBucket";
    if (method == "POST" && request.has("delete")) return "DeleteObjects";
    if (method != "GET") return "";
    if (request.has("uploads")) return "ListMultipartUploads";
    if (request.has("location")) return "GetBucketLocation";
    if (is_configuration) return "GetBucketConfiguration";
    return request.parameter("list-type") == "2" ? "ListObjectsV2" : "ListObjects";
}

}  // namespace

void locate(const Request& request, const std::string& domain, std::string& bucket,
            std::string& key) {
    std::string host = request.header("host").value_or("");
    host = host.substr(0, host.find(':'));
    const std::string suffix = "." + domain;
    if (!domain.empty() && host.size() > suffix.size() && host.ends_with(suffix)) {
        bucket = host.substr(0, host.size() - suffix.size());
        key = request.path.substr(1);
        return;
    }
    const std::size_t slash = std::min(request.path.find('/', 1), request.path.size());
    bucket = request.path.substr(1, slash - 1);
    key = request.path.substr(std::min(slash + 1, request.path.size()));
}

std::string operation_of(const Request& request, const std::string& bucket,
                         const std::string& key) {
    if (bucket.empty()) return request.method == "GET" ? "ListBuckets" : "";
    return key.empty() ? bucket_operation(request) : object_operation(request);
}

Reply error_reply(int status, const std::string& code, const std::string& message) {
    Reply reply;
    reply.status = status;
    reply.error_code = code;
    reply.headers.emplace_back("Content-Type", "application/xml");
    XmlWriter xml;
    xml.open("Error").leaf("Code", code).leaf("Message", message);
    reply.body = xml.finish();
    return reply;
}

Reply error_reply(const Refusal& refusal) {
    return error_reply(refusal.status, refusal.code, refusal.message);
}

Reply xml_reply(std::string document) {
    Reply reply;
    reply.headers.emplace_back("Content-Type", "application/xml");
    reply.body = std::move(document);
    return reply;
}

Condition condition_of(const Request& request) {
    Condition condition;
    condition.if_absent = request.header("if-none-match") == "*" ||
                          request.header("x-goog-if-generation-match") == "0";
    condition.if_match = request.header("if-match").value_or("");
    std::erase(condition.if_match, '"');
    return condition;
}

std::map<std::string, std::string> metadata_of(const Request& request) {
    std::map<std::string, std::string> out;
    for (const auto& [name, value] : request.headers) {
        const bool is_kept = name == "content-type" || name == "cache-control" ||
                             name == "content-disposition" || name.starts_with("x-amz-meta-") ||
                             name.starts_with("x-goog-meta-");
        if (is_kept) out[name] = value;
    }
    return out;
}

Api::Api(Vault& vault, const ServerClock& clock, Options options)
    : vault_(vault), clock_(clock), options_(std::move(options)) {}

Result<Reply> Api::handle(Call& call) {
    const std::string& operation = call.operation;
    if (operation.empty())
        return error_reply(405, "MethodNotAllowed", "this server does not do that");
    if (operation == "ListBuckets") return list_buckets();
    if (operation == "CreateBucket") return bucket_reply(call);
    if (!vault_.has_bucket(call.bucket)) {
        return error_reply(404, "NoSuchBucket", "The specified bucket does not exist");
    }
    if (operation == "PutObject") {
        if (!call.request.header("x-amz-copy-source")) return put_object(call);
        return error_reply(501, "NotImplemented", "this server copies nothing");
    }
    if (operation == "UploadPart") return upload_part(call);
    if (operation == "GetObject" || operation == "HeadObject") return get_object(call);
    if (operation == "DeleteObject") return delete_object(call);
    if (operation == "CreateMultipartUpload") return create_upload(call);
    if (operation == "CompleteMultipartUpload") return complete_upload(call);
    if (operation == "AbortMultipartUpload") return abort_upload(call);
    if (operation == "ListParts") return list_parts(call);
    if (operation == "ListMultipartUploads") return list_uploads(call);
    if (operation == "DeleteObjects") return delete_objects(call);
    if (operation == "PutBucketConfiguration") return put_configuration(call);
    if (operation.starts_with("ListObjects")) return list_objects(call);
    return bucket_reply(call);
}

Reply Api::list_buckets() const {
    XmlWriter xml;
    xml.open("ListAllMyBucketsResult").open("Buckets");
    for (const std::string& name : vault_.buckets()) {
        xml.open("Bucket")
            .leaf("Name", name)
            .leaf("CreationDate", to_rfc3339(clock_.wall()))
            .close();
    }
    return xml_reply(xml.finish());
}

Reply Api::bucket_reply(const Call& call) {
    if (call.operation == "CreateBucket") {
        vault_.create_bucket(call.bucket);
        return {};
    }
    if (call.operation == "GetBucketLocation") {
        XmlWriter xml;
        xml.leaf("LocationConstraint", options_.region == "us-east-1" ? "" : options_.region);
        return xml_reply(xml.finish());
    }
    if (call.operation == "GetBucketConfiguration") {
        const std::string name = configuration_of(call.request);
        const std::lock_guard lock(mutex_);
        const auto found = configurations_.find(call.bucket + "?" + name);
        if (found != configurations_.end()) return xml_reply(found->second);
        if (name == "versioning") return xml_reply("<VersioningConfiguration/>");
        return error_reply(404, "NoSuchConfiguration", "there is no such configuration");
    }
    Reply reply;
    reply.headers.emplace_back("x-amz-bucket-region", options_.region);
    return reply;
}

Result<Reply> Api::put_configuration(Call& call) {
    const auto document = read_document(call);
    if (!document) return document.error();
    const std::lock_guard lock(mutex_);
    configurations_[call.bucket + "?" + configuration_of(call.request)] = *document;
    return Reply{};
}

Result<std::string> Api::read_document(Call& call) const {
    std::string document;
    std::array<char, 16 * 1024> piece{};
    while (document.size() < kDocumentMax) {
        const auto got = call.body.read(piece.data(), piece.size());
        if (!got) return got.error();
        if (*got == 0) return document;
        document.append(piece.data(), *got);
    }
    return invalid("the document is too long");
}

}  // namespace herder::s3d
