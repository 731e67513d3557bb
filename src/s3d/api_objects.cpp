// PutObject, GetObject, HeadObject, DeleteObject, DeleteObjects, and taking in any body.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.h"
#include "s3d/api.h"
#include "s3d/xml.h"

namespace herder::s3d {

namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::string_view kGoogleChecksum = "crc32c=";  // in x-goog-hash

Outcome<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
    return {value, {}};
}

struct Range {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};
enum class RangeKind { kWhole, kPart, kOutside };

RangeKind parse_range(const std::string& header, std::uint64_t total, Range& range) {
    range = {0, total};
    const std::size_t dash = header.find('-');
    if (!header.starts_with("bytes=") || dash == std::string::npos) return RangeKind::kWhole;
    const auto first = number_of(std::string_view(header).substr(6, dash - 6)).value;
    const auto last = number_of(std::string_view(header).substr(dash + 1)).value;
    if (!first && !last) return RangeKind::kWhole;
    if (!first) {
        range.length = std::min(*last, total);
        range.first = total - range.length;
        return range.length == 0 ? RangeKind::kOutside : RangeKind::kPart;
    }
    if (*first >= total || (last && *last < *first)) return RangeKind::kOutside;
    range.first = *first;
    range.length = std::min(last.value_or(total - 1), total - 1) - *first + 1;
    return RangeKind::kPart;
}

// The algorithms that the request names, whose value is in a header or in the trailer.
std::vector<Algorithm> named_checksums(const Request& request) {
    std::vector<Algorithm> named;
    const std::string trailer = request.header("x-amz-trailer").value_or("");
    for (const Algorithm algorithm : wire_algorithms()) {
        const std::string name = std::string("x-amz-checksum-") + name_of(algorithm);
        const bool in_trailer = trailer.size() >= name.size() && trailer.ends_with(name);
        if (request.header(name) || in_trailer) named.push_back(algorithm);
    }
    if (request.header("x-goog-hash").value_or("").starts_with(kGoogleChecksum))
        named.push_back(Algorithm::kCrc32c);
    return named;
}

// What the request says that the checksum is: in Google's header, its own, or the trailer.
std::string told_checksum(const Call& call, const std::string& name) {
    const std::string google = call.request.header("x-goog-hash").value_or("");
    if (google.starts_with(kGoogleChecksum)) return google.substr(kGoogleChecksum.size());
    const auto trailer = call.body.trailers.find(name);
    const std::string in_trailer = trailer == call.body.trailers.end() ? "" : trailer->second;
    return call.request.header(name).value_or(in_trailer);
}

Refusal body_fault(const Error& error) {
    if (error.code == ErrorCode::kForbidden) return {403, "SignatureDoesNotMatch", error.message};
    return {400, "IncompleteBody", error.message};
}

bool is_broken_connection(const Error& error) {
    return error.code != ErrorCode::kForbidden && error.code != ErrorCode::kInvalid;
}

// What is computed while a body comes in: MD5 first, then SHA-256, then what the request names.
struct Intake {
    bool is_md5_wanted = false;
    bool is_hashed = false;
    std::vector<Digest> digests;
    std::vector<std::string> values;  // of the digests, once the body was read
};

Status read_body(BodySource& body, BlobWriter& writer, std::vector<Digest>& digests,
                 bool is_looked_at) {
    std::string piece(kPiece, '\0');
    while (true) {
        const auto got =
            is_looked_at ? body.read(piece.data(), piece.size()) : body.skip(std::size_t{16} << 20);
        if (!got) return got.error();
        if (*got == 0) return ok();
        if (!is_looked_at) {
            writer.skip(*got);
            continue;
        }
        const std::string_view bytes(piece.data(), *got);
        for (Digest& digest : digests)
            digest.update(bytes);
        if (auto kept = writer.append(bytes); !kept) return kept;
    }
}

// What the request says that its body has; 0: nothing.
std::uint64_t told_size(const Request& request) {
    const auto decoded = request.header("x-amz-decoded-content-length");
    const auto told = decoded ? decoded : request.header("content-length");
    return number_of(told.value_or("")).value.value_or(0);
}

Refusal too_large() {
    return {400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"};
}

Refusal bad_digest(const std::string& name) {
    return {400, "BadDigest", "The " + name + " you specified did not match what we received."};
}

// Finishes the digests and compares them with all that the request says about its body.
std::optional<Refusal> check_body(const Call& call, Intake& intake, Checksums& checksums) {
    const Request& request = call.request;
    for (Digest& digest : intake.digests)
        intake.values.push_back(digest.finish());
    std::size_t next = 0;
    if (intake.is_md5_wanted) {
        const auto told = request.header("content-md5");
        if (told && to_base64(intake.values[next]) != *told) return bad_digest("Content-MD5");
        ++next;
    }
    if (intake.is_hashed && to_hex(intake.values[next++]) != call.verified.payload_sha256) {
        return Refusal{
            400, "XAmzContentSHA256Mismatch",
            "The provided x-amz-content-sha256 header does not match what was computed."};
    }
    for (; next < intake.values.size(); ++next) {
        const Algorithm algorithm = intake.digests[next].algorithm();
        const std::string name = std::string("x-amz-checksum-") + name_of(algorithm);
        checksums[algorithm] = to_base64(intake.values[next]);
        if (told_checksum(call, name) != checksums[algorithm]) {
            return bad_digest(name_of(algorithm));
        }
    }
    return std::nullopt;
}

}  // namespace

Result<Outcome<Api::Received>> Api::receive(Call& call) {
    const Request& request = call.request;
    const auto named = named_checksums(request);
    const std::uint64_t put_max = vault_.quirks().put_max;
    if (told_size(request) > put_max) return Outcome<Received>{std::nullopt, too_large()};
    const Support support = vault_.quirks().checksums;
    if (!named.empty() && support == Support::kRefused) {
        return Outcome<Received>{std::nullopt,
                                 {501, "NotImplemented", "Unsupported header x-amz-checksum"}};
    }
    Intake intake;
    intake.is_md5_wanted = options_.keeps_bytes || request.header("content-md5");
    intake.is_hashed = call.verified.payload == Payload::kHashed;
    if (intake.is_md5_wanted) intake.digests.emplace_back(Algorithm::kMd5);
    if (intake.is_hashed) intake.digests.emplace_back(Algorithm::kSha256);
    if (support == Support::kWorks) {
        for (const Algorithm algorithm : named)
            intake.digests.emplace_back(algorithm);
    }
    auto writer = vault_.start_blob();
    if (!writer) return writer.error();
    const bool is_looked_at = options_.keeps_bytes || !intake.digests.empty();
    if (auto read = read_body(call.body, **writer, intake.digests, is_looked_at); !read) {
        if (is_broken_connection(read.error())) return read.error();
        return Outcome<Received>{std::nullopt, body_fault(read.error())};
    }
    Received received;
    if (auto refused = check_body(call, intake, received.checksums)) {
        return Outcome<Received>{std::nullopt, *refused};
    }
    auto blob = (*writer)->finish();
    if (!blob) return blob.error();
    received.blob = *blob;
    // One that came in chunks of HTTP told no size.
    if (received.blob->size() > put_max) return Outcome<Received>{std::nullopt, too_large()};
    const std::lock_guard lock(mutex_);
    received.etag = intake.is_md5_wanted
                        ? to_hex(intake.values[0])
                        : to_hex(digest_of(Algorithm::kMd5, std::to_string(++etags_)));
    return Outcome<Received>{std::move(received), {}};
}

Result<Reply> Api::put_object(Call& call) {
    auto outcome = receive(call);
    if (!outcome) return outcome.error();
    if (!outcome->value) return error_reply(outcome->refusal);
    Object object;
    object.blob = outcome->value->blob;
    object.etag = outcome->value->etag;
    object.checksums = outcome->value->checksums;
    object.modified = clock_.wall();
    object.metadata = metadata_of(call.request);
    Reply reply;
    reply.headers.emplace_back("ETag", "\"" + object.etag + "\"");
    for (const auto& [algorithm, value] : object.checksums)
        reply.headers.emplace_back(std::string("x-amz-checksum-") + name_of(algorithm), value);
    const auto refused =
        vault_.put(call.bucket, call.key, std::move(object), condition_of(call.request));
    if (refused) return error_reply(*refused);
    return reply;
}

Reply Api::get_object(const Call& call) const {
    const auto object = vault_.get(call.bucket, call.key);
    if (!object) return error_reply(404, "NoSuchKey", "The specified key does not exist.");
    const Condition condition = condition_of(call.request);
    if (!condition.if_match.empty() && condition.if_match != object->etag) {
        return error_reply(412, "PreconditionFailed",
                           "At least one of the pre-conditions you specified did not hold");
    }
    Reply reply;
    const std::uint64_t total = object->blob->size();
    Range range;
    const RangeKind kind = parse_range(call.request.header("range").value_or(""), total, range);
    if (kind == RangeKind::kOutside) {
        reply = error_reply(416, "InvalidRange", "The requested range is not satisfiable");
        reply.headers.emplace_back("Content-Range", "bytes */" + std::to_string(total));
        return reply;
    }
    if (kind == RangeKind::kPart) {
        reply.status = 206;
        reply.headers.emplace_back("Content-Range",
                                   "bytes " + std::to_string(range.first) + "-" +
                                       std::to_string(range.first + range.length - 1) + "/" +
                                       std::to_string(total));
    }
    reply.headers.emplace_back("ETag", "\"" + object->etag + "\"");
    reply.headers.emplace_back("Last-Modified", to_http_date(object->modified));
    reply.headers.emplace_back("Accept-Ranges", "bytes");
    for (const auto& [name, value] : object->metadata)
        reply.headers.emplace_back(name, value);
    const auto google = object->checksums.find(Algorithm::kCrc32c);
    if (call.verified.is_google && !object->is_composite && google != object->checksums.end())
        reply.headers.emplace_back("x-goog-hash", std::string(kGoogleChecksum) + google->second);
    const bool tells =
        call.request.header("x-amz-checksum-mode") == "ENABLED" && kind == RangeKind::kWhole;
    for (const auto& [algorithm, value] : object->checksums) {
        if (!tells) break;
        reply.headers.emplace_back(std::string("x-amz-checksum-") + name_of(algorithm), value);
        reply.headers.emplace_back("x-amz-checksum-type",
                                   object->is_composite ? "COMPOSITE" : "FULL_OBJECT");
    }
    if (call.operation == "HeadObject") {
        reply.told_length = range.length;
    } else {
        reply.content = object->blob;
        reply.first = range.first;
        reply.length = range.length;
    }
    return reply;
}

Reply Api::delete_object(const Call& call) {
    vault_.remove(call.bucket, call.key);
    Reply reply;
    reply.status = 204;
    return reply;
}

Result<Reply> Api::delete_objects(Call& call) {
    const auto document = read_document(call);
    if (!document) return document.error();
    const auto records = xml_records(*document, "Object");
    if (!records) return error_reply(400, "MalformedXML", records.error().message);
    if (records->size() > 1000) return error_reply(400, "MalformedXML", "more than 1000 keys");
    XmlWriter xml;
    xml.open("DeleteResult");
    for (const XmlRecord& record : *records) {
        for (const auto& [name, value] : record) {
            if (name != "Key") continue;
            vault_.remove(call.bucket, value);
            xml.open("Deleted").leaf("Key", value).close();
        }
    }
    return xml_reply(xml.finish());
}

}  // namespace herder::s3d
