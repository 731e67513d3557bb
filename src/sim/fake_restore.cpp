#include "sim/fake_restore.h"

#include "engine/checkpoint_commit.h"

namespace herder::sim {

namespace {

constexpr int kTries = 5;
constexpr int kReadings = 2;

}  // namespace

Result<StoredObject> FakeRestore::fetch(const StoredCheckpoint& stored, const std::string& key) {
    Result<StoredObject> came = unavailable("not asked for");
    for (int i = 0; i < kTries && !came && came.error().code == ErrorCode::kUnavailable; ++i)
        came = objects_.bucket().fetch(key, reader_.machine);
    if (came && (reader_.misreads || stored.is_rotten)) came->crc32c ^= 4U;
    return came;
}

Status FakeRestore::read_file(const StoredCheckpoint& stored, const std::string& key,
                              const CheckpointFile& file) {
    for (int reading = 0; reading < kReadings; ++reading) {
        const auto came = fetch(stored, key);
        if (!came) return came.error();
        if (came->size != file.size)
            return Error{ErrorCode::kCorrupt, key + " is not as long as recorded"};
        const bool is_same = came->crc32c == file.crc32c;
        if (is_same && reading > 0) stage_.marks.hit(Mark::kReadHealed);
        // The planted defect: sizes are all that is compared.
        if (!is_same && reader_.mutant == Mutant::kSizeIsEnough) is_right_ = false;
        if (is_same || reader_.mutant == Mutant::kSizeIsEnough) return ok();
    }
    if (stored.is_harmed) stage_.marks.hit(Mark::kReadReplaced);
    return Error{ErrorCode::kCorrupt, key + " does not verify, read twice"};
}

Status FakeRestore::read_all(const StoredCheckpoint& stored) {
    for (std::size_t i = 0; i < stored.files.size(); ++i) {
        const Status read = read_file(stored, stored.folder + object_name(i), stored.files[i]);
        if (!read) return read;
    }
    return ok();
}

worker_input::RestoreEnded FakeRestore::read(CheckpointId id) {
    using worker_input::RestoreResult;
    const StoredCheckpoint* stored = objects_.find(id);
    if (stored == nullptr) {
        is_right_ = false;
        return {RestoreResult::kCorrupt, "nobody has ever sent it"};
    }
    const Status read = read_all(*stored);
    if (read) {
        if (!stored->failed_on.empty()) stage_.marks.hit(Mark::kMisreadElsewhere);
        if (is_right_) objects_.note_restored(id);
        return {};
    }
    is_right_ = false;
    const ErrorCode code = read.error().code;
    if (code == ErrorCode::kNotFound) stage_.marks.hit(Mark::kReadGone);
    if (!objects_.is_whole(id)) stage_.marks.hit(Mark::kDamageRestored);
    const bool is_worthless = code == ErrorCode::kCorrupt || code == ErrorCode::kNotFound;
    if (is_worthless) objects_.note_unread(id, reader_.machine);
    // The planted defect: whatever is not there is asked for elsewhere, for ever.
    const bool is_believed =
        code != ErrorCode::kNotFound || reader_.mutant != Mutant::kGoneIsFailed;
    return {is_worthless && is_believed ? RestoreResult::kCorrupt : RestoreResult::kFailed,
            read.error().message};
}

}  // namespace herder::sim
