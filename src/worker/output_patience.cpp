#include "worker/output_patience.h"

#include <algorithm>

namespace herder {

namespace {

// Of a file whose one try took longer than the patience, as a large one does that goes whole.
constexpr int kFailuresLeast = 4;
// A store may take its time to make an object of many parts: Amazon some minutes (docs.aws.amazon.
// com/AmazonS3/latest/API/API_CompleteMultipartUpload.html, 2026), Azure as long as it copies them.
constexpr Duration kJoinLimit = minutes(15);

}  // namespace

void OutputPatience::note_stop(Instant now) {
    if (stop_began_) return;
    stop_began_ = now;
    // The usual patience may have run out meanwhile.
    if (join_until_) stored_at_ = sent_at_ = now;
}

void OutputPatience::note_stored(Instant now) {
    stored_at_ = std::max(stored_at_, now);
    failures_ = 0;
}

void OutputPatience::note_sent(Instant now) {
    sent_at_ = std::max(sent_at_, now);
}

void OutputPatience::hold(Instant now) {
    if (held_++ == 0) held_since_ = now;
}

void OutputPatience::release(Instant now) {
    if (--held_ > 0) return;
    const Duration held = now - held_since_;
    stored_at_ = std::min(now, stored_at_ + held);
    sent_at_ = std::min(now, sent_at_ + held);
}

void OutputPatience::begin_joining(Instant now) {
    join_until_ = now + kJoinLimit;
}

// A stop that begins in a long silence has its own time all the same.
Instant OutputPatience::end_of(Instant since) const {
    const Instant usual = since + limits_.usual;
    if (!stop_began_) return usual;
    return std::min(usual, std::max(since, *stop_began_) + limits_.in_stop);
}

bool OutputPatience::is_silent(Instant now) const {
    if (held_ > 0) return false;
    if (join_until_ && !stop_began_) return now >= *join_until_;
    return now >= end_of(std::max(stored_at_, sent_at_));
}

bool OutputPatience::is_over(Instant now) const {
    if (is_silent(now)) return true;
    if (join_until_ && !stop_began_) return false;
    return now >= end_of(stored_at_) && (stop_began_ || failures_ >= kFailuresLeast);
}

}  // namespace herder
