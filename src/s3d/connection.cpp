#include "s3d/connection.h"

#include <algorithm>
#include <charconv>

namespace herder::s3d {

namespace {

constexpr std::uint64_t kDrainMax = 64 << 20;
constexpr std::size_t kPiece = std::size_t{256} << 10;

std::uint64_t length_of(const Request& request) {
    const std::string text = request.header("content-length").value_or("0");
    std::uint64_t length = 0;
    std::from_chars(text.data(), text.data() + text.size(), length);
    return length;
}

bool is_aws_chunked(const Verified& verified) {
    return verified.payload == Payload::kSignedChunks ||
           verified.payload == Payload::kSignedTrailer ||
           verified.payload == Payload::kUnsignedTrailer;
}

std::uint64_t decoded_length(const Request& request) {
    const std::string text = request.header("x-amz-decoded-content-length").value_or("");
    std::uint64_t length = 0;
    std::from_chars(text.data(), text.data() + text.size(), length);
    return length;
}

}  // namespace

void Connection::serve() {
    while (true) {
        const auto head = wire_.read_head();
        if (!head || !serve_one(*head)) break;
    }
    wire_.hold();
}

bool Connection::serve_one(const std::string& head) {
    const auto request = parse_head(head);
    if (!request) {
        return send({}, error_reply(400, "BadRequest", request.error().message), {}) && false;
    }
    const bool is_chunked = request->header("transfer-encoding") == "chunked";
    const auto body =
        is_chunked ? make_http_chunk_source(wire_) : make_length_source(wire_, length_of(*request));
    Record record;
    record.body_size = length_of(*request);
    const bool goes_on = answer(*request, *body, record);
    return goes_on && request->header("connection") != "close";
}

bool Connection::verify(const Request& request, Verified& verified, Reply& refusal) const {
    if (shop_.options.keys.empty()) {
        const auto hash = request.header("x-amz-content-sha256");
        if (hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
            verified.payload = Payload::kUnsignedTrailer;
        return true;
    }
    Verdict verdict = verify_signature(request, shop_.options.keys, shop_.clock.wall(),
                                       {shop_.options.region, shop_.options.quirks.signs_length});
    if (verdict.verified) {
        verified = std::move(*verdict.verified);
        return true;
    }
    refusal = error_reply(verdict.fault->status, verdict.fault->code, verdict.fault->message);
    if (!verdict.fault->region.empty()) {
        refusal.headers.emplace_back("x-amz-bucket-region", verdict.fault->region);
        refusal.body.insert(refusal.body.rfind("</Error>"),
                            "<Region>" + verdict.fault->region + "</Region>");
    }
    return false;
}

std::optional<Reply> Connection::faulty_reply(const FaultRule& rule, const Verified& verified,
                                              const std::string& operation) const {
    if (rule.kind == FaultKind::kStatus) {
        const int status = static_cast<int>(rule.number);
        // As S3 says no where a right is missing: whoever asks must not repeat it at once.
        if (status == 403) return error_reply(status, "AccessDenied", "Access Denied");
        Reply reply = error_reply(status, status == 503 ? "SlowDown" : "InternalError",
                                  "Please reduce your request rate.");
        if (status == 503) reply.headers.emplace_back("Retry-After", "0");
        return reply;
    }
    if (rule.kind == FaultKind::kCompleteError && operation == "CompleteMultipartUpload") {
        Reply reply = error_reply(200, "InternalError",
                                  "We encountered an internal error. Please try again.");
        return reply;
    }
    if (rule.kind == FaultKind::kExpired && verified.is_presigned) {
        return error_reply(403, "AccessDenied", "Request has expired");
    }
    return std::nullopt;
}

Result<Reply> Connection::act(const Request& request, const Verified& verified, BodySource& body,
                              const Record& record) const {
    const auto decoded = is_aws_chunked(verified)
                             ? make_aws_chunk_source(body, verified, decoded_length(request))
                             : nullptr;
    Call call{request,       verified,   decoded ? *decoded : body,
              record.bucket, record.key, record.operation};
    return shop_.api.handle(call);
}

bool Connection::answer(const Request& request, BodySource& body, Record& record) {
    Reply reply;
    Verified verified;
    locate(request, shop_.options.domain, record.bucket, record.key);
    record.operation = operation_of(request, record.bucket, record.key);
    record.part = request.parameter("partNumber").value_or("");
    record.upload = request.parameter("uploadId").value_or("");
    record.began = shop_.clock.monotonic();
    const bool is_allowed = verify(request, verified, reply);
    record.access_key = verified.access_key;
    record.is_presigned = verified.is_presigned;
    const std::optional<FaultRule> fault =
        is_allowed ? shop_.faults.draw(record.operation, record.key) : std::nullopt;
    // One that was too far behind for the request before is not for this one.
    wire_.disarm();
    if (fault && (fault->kind == FaultKind::kReset || fault->kind == FaultKind::kStall)) {
        wire_.arm(fault->number, fault->kind == FaultKind::kStall);
    }
    const auto finish = [&](int status) {
        if (fault && strikes(*fault, reply)) record.fault = to_string(fault->kind);
        record.status = status;
        record.error_code = reply.error_code;
        record.at = shop_.clock.monotonic();
        shop_.note(record);
    };
    if (is_allowed && request.header("expect") &&
        !wire_.write_all("HTTP/1.1 100 Continue\r\n\r\n")) {
        return false;
    }
    const auto faulty =
        fault ? faulty_reply(*fault, verified, record.operation) : std::optional<Reply>();
    if (faulty) {
        record.fault = to_string(fault->kind);
        reply = *faulty;
    } else if (is_allowed) {
        auto handled = act(request, verified, body, record);
        if (!handled) {
            finish(0);
            return false;
        }
        reply = std::move(*handled);
    }
    if (fault && (fault->kind == FaultKind::kLoseReply || fault->kind == FaultKind::kStallReply)) {
        finish(0);
        wire_.arm(0, fault->kind == FaultKind::kStallReply);
        (void)wire_.break_now();
        return false;
    }
    const bool was_read = (is_allowed || !request.header("expect")) && drain(body);
    if (wire_.is_broken()) {
        finish(0);
        return false;
    }
    if (!was_read) reply.headers.emplace_back("Connection", "close");
    finish(reply.status);
    return send(request, reply, fault) && was_read;
}

bool Connection::strikes(const FaultRule& rule, const Reply& reply) const {
    switch (rule.kind) {
        case FaultKind::kStatus:
        case FaultKind::kCompleteError:
        case FaultKind::kExpired:
            return false;  // their replies do, where they have one
        case FaultKind::kLoseReply:
        case FaultKind::kStallReply:
            return true;
        case FaultKind::kReset:
        case FaultKind::kStall:
        case FaultKind::kFlip:
        case FaultKind::kShort:
            break;
    }
    return wire_.is_broken() || (reply.content && rule.number < reply.length);
}

bool Connection::drain(BodySource& body) {
    std::uint64_t drained = 0;
    while (drained < kDrainMax) {
        const auto got = body.skip(kPiece);
        if (!got) return false;
        if (*got == 0) return true;
        drained += *got;
    }
    return false;
}

bool Connection::send(const Request& request, const Reply& reply,
                      const std::optional<FaultRule>& fault) {
    wire_.wait_latency();
    const bool is_head = request.method == "HEAD";
    const std::uint64_t length = reply.content ? reply.length : reply.body.size();
    std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " " +
                       reason_phrase(reply.status) +
                       "\r\nServer: s3d\r\nDate: " + to_http_date(shop_.clock.wall()) +
                       "\r\nx-amz-request-id: s3d\r\n";
    for (const auto& [name, value] : reply.headers)
        head.append(name).append(": ").append(value).append("\r\n");
    if (reply.status != 204) {
        head += "Content-Length: " + std::to_string(reply.told_length.value_or(length)) + "\r\n";
    }
    head += "\r\n";
    if (is_head || reply.status == 204) return wire_.write_all(head).has_value();
    if (!reply.content) return wire_.write_all(head + reply.body).has_value();
    if (!wire_.write_all(head)) return false;
    const bool is_short = fault && fault->kind == FaultKind::kShort && fault->number < length;
    const std::uint64_t sent = is_short ? fault->number : length;
    return send_content(reply, sent, fault).has_value() && !is_short;
}

Status Connection::send_content(const Reply& reply, std::uint64_t length,
                                const std::optional<FaultRule>& fault) {
    std::string piece;
    const bool breaks =
        fault && (fault->kind == FaultKind::kReset || fault->kind == FaultKind::kStall);
    for (std::uint64_t at = 0; at < length;) {
        std::uint64_t size = std::min<std::uint64_t>(kPiece, length - at);
        if (breaks && fault->number > at) size = std::min(size, fault->number - at);
        piece.resize(static_cast<std::size_t>(size));
        if (auto read = reply.content->read(reply.first + at, piece.data(), piece.size()); !read) {
            return read;
        }
        const bool flips = fault && fault->kind == FaultKind::kFlip && fault->number >= at &&
                           fault->number < at + size;
        if (flips) piece[static_cast<std::size_t>(fault->number - at)] ^= 1;
        if (breaks && fault->number <= at) return wire_.break_now();
        if (auto written = wire_.write_all(piece); !written) return written;
        at += size;
    }
    return ok();
}

}  // namespace herder::s3d
