#include "adapters/http/body_sender.h"

#include <algorithm>

namespace herder::http {

namespace {

// Fits the second-level cache, where a piece stays between reading, encrypting and sending it.
constexpr std::size_t kPiece = 256 * 1024;

}  // namespace

Status BodySender::send(const BodySource& body, bool& answered_early) {
    const bool from_file = body.descriptor >= 0 && wire_.can_send_files();
    for (std::uint64_t at = 0; at < body.size;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, body.size - at));
        if (body.admit) {
            if (Status admitted = body.admit(size); !admitted) return admitted;
        }
        Status sent = from_file ? send_from_file(body, at, size) : send_from_memory(body, size);
        if (!sent) return sent;
        at += size;
        if (at < body.size && wire_.has_input()) {
            answered_early = true;
            return ok();
        }
    }
    return ok();
}

Status BodySender::send_from_file(const BodySource& body, std::uint64_t at, std::size_t size) {
    return wire_.send_file({body.descriptor, body.offset + at, size}, patience());
}

Status BodySender::send_from_memory(const BodySource& body, std::size_t size) {
    piece_.resize(kPiece);
    for (std::size_t filled = 0; filled < size;) {
        const Result<std::size_t> got = body.read(piece_.data() + filled, size - filled);
        if (!got) return got.error().with_context("reading the body to upload");
        if (*got == 0 || *got > size - filled)
            return Error{ErrorCode::kCorrupt, "the body to upload ended before its size"};
        filled += *got;
    }
    return wire_.write_all({piece_.data(), size}, patience());
}

}  // namespace herder::http
