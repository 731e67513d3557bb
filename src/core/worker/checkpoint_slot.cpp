#include "core/worker/checkpoint_slot.h"

#include <algorithm>
#include <utility>

namespace herder {

void CheckpointSlot::begin_after(std::int64_t step) {
    newest_step_ = step;
}

std::optional<std::uint64_t> CheckpointSlot::found(CheckpointOffer offer) {
    const std::uint64_t seq = offer.local_seq;
    if (offer.step <= newest_step_) return seq;
    newest_step_ = offer.step;
    offer.sealed = false;
    if (!current_) {
        current_ = std::move(offer);
        return std::nullopt;
    }
    std::optional<std::uint64_t> replaced;
    if (pending_) replaced = pending_->local_seq;
    pending_ = std::move(offer);
    return replaced;
}

std::optional<UploadGrant> CheckpointSlot::granted(Instant now, const UploadGrant& grant) {
    if (!current_ || current_->local_seq != grant.local_seq) return std::nullopt;
    if (current_->sealed || uploading_ || now < retry_at_) return std::nullopt;
    uploading_ = true;
    return grant;
}

bool CheckpointSlot::uploaded(std::uint64_t local_seq) {
    if (!current_ || current_->local_seq != local_seq || !uploading_) return false;
    uploading_ = false;
    current_->sealed = true;
    return true;
}

void CheckpointSlot::upload_failed(Instant now, std::uint64_t local_seq) {
    if (!current_ || current_->local_seq != local_seq || !uploading_) return;
    uploading_ = false;
    retry_at_ = now + seconds(2) * (1LL << std::min(failures_, 4));
    ++failures_;
}

std::optional<std::uint64_t> CheckpointSlot::staging_lost(std::uint64_t local_seq) {
    if (!current_ || current_->local_seq != local_seq) return std::nullopt;
    return advance();
}

std::optional<std::uint64_t> CheckpointSlot::settled(std::uint64_t local_seq) {
    if (!current_ || current_->local_seq > local_seq) return std::nullopt;
    return advance();
}

std::vector<std::uint64_t> CheckpointSlot::drop_all() {
    std::vector<std::uint64_t> dropped;
    if (current_) dropped.push_back(current_->local_seq);
    if (pending_) dropped.push_back(pending_->local_seq);
    current_.reset();
    pending_.reset();
    uploading_ = false;
    return dropped;
}

std::optional<std::uint64_t> CheckpointSlot::advance() {
    const std::uint64_t done = current_->local_seq;
    current_ = std::exchange(pending_, std::nullopt);
    uploading_ = false;
    failures_ = 0;
    retry_at_ = Instant{};
    return done;
}

}  // namespace herder
