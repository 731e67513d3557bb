#include "adapters/http/body_sender.h"

#include <sys/stat.h>

#include <algorithm>

namespace herder::http {

namespace {

// Fits the second-level cache, where a piece stays between reading, encrypting and sending it.
constexpr std::size_t kPieceRead = std::size_t{256} << 10;

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
    if (body.is_watched) wire_.limit_unsent(body.piece_max);
    Status sent = send_from(body, answered_early);
    if (body.is_watched) wire_.limit_unsent(0);
    return sent;
}

Status BodySender::send_from(const BodySource& body, bool& answered_early) {
    // TLS has to read the bytes.
    if (body.descriptor >= 0 && body.size > 0 && !wire_.is_encrypted()) {
        FileWindow window(body.descriptor);
        if (window.at(body.offset, body.size)) return send_mapped(body, window, answered_early);
    }
    return send_read(body, answered_early);
}

Status BodySender::send_mapped(const BodySource& body, FileWindow& window, bool& answered_early) {
    const std::size_t most = std::max<std::size_t>(body.piece_max, 1);
    for (std::uint64_t at = 0; at < body.size && !answered_early;) {
        const auto rest = window.at(body.offset + at, body.size - at);
        if (!rest) return Error{ErrorCode::kCorrupt, rest.error().message};
        const std::string_view piece = rest->substr(0, most);
        // Behind the end of a file the last page of a mapping has zeros: who gets the last piece
        // takes the body for whole.
        const bool is_last = at + piece.size() == body.size;
        if (Status has_all = is_last ? check_length(body) : ok(); !has_all) return has_all;
        if (Status sent = send_piece(body, piece); !sent) return sent;
        at += piece.size();
        answered_early = is_answered(at, body);
    }
    return answered_early ? ok() : check_length(body);
}

Status BodySender::send_read(const BodySource& body, bool& answered_early) {
    std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(
                          std::clamp<std::size_t>(body.piece_max, 1, kPieceRead), body.size)),
                      '\0');
    for (std::uint64_t at = 0; at < body.size && !answered_early;) {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body.size - at));
        for (std::size_t filled = 0; filled < size;) {
            const Result<std::size_t> got = body.read(bytes.data() + filled, size - filled);
            if (!got) {
                // No failure of the connection's: there is no answer to wait for.
                return Error{ErrorCode::kCorrupt, got.error().message};
            }
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
    // What takes everything at once never waits, and would not hear of a cancellation.
    if (Status goes_on = check_wait(wait_); !goes_on) return goes_on;
    return wire_.write_all(piece, wait_, options_.idle_timeout);
}

bool BodySender::is_answered(std::uint64_t sent, const BodySource& body) {
    return sent < body.size && wire_.has_input();
}

}  // namespace herder::http
