#pragma once
// Exactly one checkpoint on its way to the store, and at most one waiting behind it: the newest. An
// upload under way is never cancelled for a newer one (a slow link would then publish nothing).
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "core/jobs/agent_messages.h"

namespace herder {

class CheckpointSlot {
  public:
    // Steps at or below `step` are published already (what the attempt resumed from).
    void begin_after(std::int64_t step);

    // Returns the local_seq whose staging is not needed (the replaced one or this one), if any.
    std::optional<std::uint64_t> found(CheckpointOffer offer);

    // The grant to act on now, if it is for the current checkpoint and no upload is under way.
    std::optional<UploadGrant> granted(Instant now, const UploadGrant& grant);
    // False: nothing to tell. `discard` names what is not needed any more.
    bool uploaded(std::uint64_t local_seq);
    void upload_failed(Instant now, std::uint64_t local_seq);
    std::optional<std::uint64_t> staging_lost(std::uint64_t local_seq);
    // The orchestrator has committed or refused everything up to `local_seq`.
    std::optional<std::uint64_t> settled(std::uint64_t local_seq);
    // Fenced or given up: the local_seqs to discard.
    std::vector<std::uint64_t> drop_all();

    // What the next report offers.
    const std::optional<CheckpointOffer>& offer() const { return current_; }
    // The one behind it.
    const std::optional<CheckpointOffer>& pending() const { return pending_; }
    // Nothing at or below it is taken.
    std::int64_t newest_step() const { return newest_step_; }
    bool is_empty() const { return !current_; }

  private:
    std::optional<std::uint64_t> advance();

    std::optional<CheckpointOffer> current_;
    std::optional<CheckpointOffer> pending_;
    bool uploading_ = false;
    Instant retry_at_;
    int failures_ = 0;
    std::int64_t newest_step_ = -1;
};

}  // namespace herder
