#include "core/worker/upload_pace.h"

namespace herder {

void UploadPace::found(Instant now) {
    if (found_at_) between_ = now - *found_at_;
    found_at_ = now;
}

void UploadPace::upload_began(Instant now) {
    began_at_ = now;
}

std::optional<std::string> UploadPace::upload_ended(Instant now) {
    if (!began_at_) return std::nullopt;
    last_upload_ = now - *began_at_;
    began_at_.reset();
    if (has_warned_ || !between_ || *last_upload_ <= *between_) return std::nullopt;
    has_warned_ = true;
    return "uploads cannot keep up: a checkpoint takes " + to_text(*last_upload_) +
           " to send and the job saves one every " + to_text(*between_) +
           "; only the newest is kept waiting. Save less often (checkpoint.every: auto keeps to "
           "the "
           "upload), or less";
}

}  // namespace herder
