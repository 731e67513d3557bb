#include "adapters/http/body_sender.h"

#include <sys/stat.h>

#include <algorithm>

namespace herder::http {

namespace {

// Fits the second-level cache, where a piece stays between reading, encrypting and sending it.
constexpr std::size_t kPieceRead = 256 * 1024;
// What is sent without being read fills the socket's buffer at each go.
constexpr std::size_t kPieceMapped = 1 << 20;

// Whether the file still has all that is to be sent of it.
Status check_length(const BodySource& body) {
    struct stat info{};
    if (::fstat(body.descriptor, &info) == 0 &&
        static_cast<std::uint64_t>(info.st_size) >= body.offset + body.size) {
        return ok();
    }
    return Error{ErrorCode::kCorrupt, "the file to upload ended before its size"};
}

}  // namespace

Status BodySender::send(const BodySource& body, bool& answered_early) {
    // TLS has to read the bytes.
    if (body.descriptor >= 0 && body.size > 0 && !wire_.is_encrypted()) {
        FileWindow window(body.descriptor);
        if (window.at(body.offset, body.size)) return send_mapped(body, window, answered_early);
    }
    return send_read(body, answered_early);
}

Status BodySender::send_mapped(const BodySource& body, FileWindow& window, bool& answered_early) {
    for (std::uint64_t at = 0; at < body.size && !answered_early;) {
        const auto rest = window.at(body.offset + at, body.size - at);
        if (!rest) return rest.error();
        const std::string_view piece = rest->substr(0, std::min(kPieceMapped, body.piece_max));
        if (Status sent = send_piece(body, piece); !sent) {
            // As the kernel says it where the file is gone behind the mapping: a bad address.
            const Status has_all = check_length(body);
            return has_all ? sent : has_all;
        }
        at += piece.size();
        answered_early = is_answered(at, body);
    }
    // Behind the end of a file the last page of a mapping has zeros.
    return check_length(body);
}

Status BodySender::send_read(const BodySource& body, bool& answered_early) {
    std::string bytes(static_cast<std::size_t>(
                          std::min<std::uint64_t>(std::min(kPieceRead, body.piece_max), body.size)),
                      '\0');
    for (std::uint64_t at = 0; at < body.size && !answered_early;) {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body.size - at));
        for (std::size_t filled = 0; filled < size;) {
            const Result<std::size_t> got = body.read(bytes.data() + filled, size - filled);
            if (!got) return got.error().with_context("reading the body to upload");
            if (*got == 0 || *got > size - filled)
                return Error{ErrorCode::kCorrupt, "the body to upload ended before its size"};
            filled += *got;
        }
        if (Status sent = send_piece(body, {bytes.data(), size}); !sent) return sent;
        at += size;
        answered_early = is_answered(at, body);
    }
    return ok();
}

Status BodySender::send_piece(const BodySource& body, std::string_view piece) {
    if (body.admit) {
        if (Status admitted = body.admit(piece.size()); !admitted) return admitted;
    }
    return wire_.write_all(piece, wait_, options_.idle_timeout);
}

bool BodySender::is_answered(std::uint64_t sent, const BodySource& body) {
    return sent < body.size && wire_.has_input();
}

}  // namespace herder::http
