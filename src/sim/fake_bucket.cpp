#include "sim/fake_bucket.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/crc32c_combine.h"
#include "base/digest.h"

namespace herder::sim {

namespace {

// What changed within it may be missing in a listing.
constexpr Duration kLag = seconds(20);
// A client gives a call up after two minutes; what is on its way may still arrive then.
constexpr std::int64_t kLateMaxSeconds = 120;

// As S3 does it: a hash of the parts' ETags, and their number.
std::string etag_of(const std::vector<UploadPart>& parts) {
    std::string all;
    for (const UploadPart& part : parts)
        all += part.etag + " ";
    return std::to_string(crc32c(all)) + "-" + std::to_string(parts.size());
}

}  // namespace

StoredObject join_parts(const std::vector<UploadPart>& parts) {
    StoredObject made;
    for (const UploadPart& part : parts) {
        made.size = made.size + part.size;
        made.crc32c = combine_crc32c(made.crc32c, part.crc32c.value_or(0),
                                     static_cast<std::uint64_t>(part.size.count));
    }
    return made;
}

FakeBucket::FakeBucket(Stage& stage) : stage_(stage), draw_(stage.seed, "bucket") {
    tells_checksums_ = draw_.below(3) != 0;
    honours_conditions_ = draw_.below(4) != 0;
    etags_by_send_ = RandomStream(stage.seed, "bucket/etags").below(3) == 0;
}

bool FakeBucket::mend() {
    calls_left_.reset();
    return std::exchange(was_cut_, false);
}

Status FakeBucket::begin_call() {
    if (calls_left_ && (*calls_left_)-- <= 0) {
        was_cut_ = true;
        return unavailable("whoever asks is dead");
    }
    spent_ += milliseconds(draw_.between(5, 80));
    if (stage_.faults.strikes(Fault::kStoreSlow, 30'000))
        spent_ += seconds(stage_.faults.stream(Fault::kStoreSlow).between(1, 60));
    if (stage_.faults.strikes(Fault::kStoreFails, 100'000)) return unavailable("503 Slow Down");
    return ok();
}

Status FakeBucket::change(const std::function<Status()>& act) {
    if (auto began = begin_call(); !began) return began;
    if (stage_.faults.strikes(Fault::kStoreLate, 30'000)) {
        spent_ += seconds(60);
        RandomStream& draw = stage_.faults.stream(Fault::kStoreLate);
        stage_.schedule.after(seconds(draw.between(1, kLateMaxSeconds)), [this, act] {
            if (act()) stage_.marks.hit(Mark::kStoreActedLate);
        });
        return Error{ErrorCode::kTimedOut, "no answer"};
    }
    Status done = act();
    if (done && stage_.faults.strikes(Fault::kStoreReplyLost, 60'000)) {
        spent_ += seconds(60);
        return Error{ErrorCode::kTimedOut, "the answer was lost"};
    }
    return done;
}

bool FakeBucket::lags(Instant changed) {
    return stage_.now() < changed + kLag && stage_.faults.strikes(Fault::kStoreListLags, 300'000);
}

void FakeBucket::show(const std::string& key, StoredObject object) {
    object.changed = stage_.now();
    const bool replaced = !objects_.insert_or_assign(key, std::move(object)).second;
    if (on_put) on_put(key, replaced);
}

void FakeBucket::place(const std::string& key, StoredObject object) {
    show(key, std::move(object));
}

Status FakeBucket::receive(const std::string& upload, UploadPart part, const SentAs& sent) {
    const auto found = uploads_.find(upload);
    if (found == uploads_.end()) return not_found("upload " + upload);
    Upload& held = found->second;
    part.etag =
        "e" + std::to_string(part.crc32c.value_or(0)) + "-" + std::to_string(part.size.count);
    if (etags_by_send_) part.etag += "-" + std::to_string(next_send_++);
    held.first_etags.emplace(part.number, part.etag);
    // Sent once more, it is listed as it was: a listing may lag, but does not forget.
    const int number = part.number;
    const bool is_new = held.parts.insert_or_assign(number, std::move(part)).second;
    if (is_new) held.newest = held.came[number] = stage_.now();
    for (const auto& [other, came] : held.came) {
        const bool is_known = came + kLag < sent.signed_at;
        if (sent.count != 0 && other > sent.count && is_known && on_part_in_vain)
            on_part_in_vain(held.key);
    }
    return ok();
}

void FakeBucket::receive_late(const std::string& upload, const UploadPart& part, const SentAs& sent,
                              Duration wait) {
    const std::uint64_t number = next_send_++;
    on_their_way_[number] = {upload, part, sent};
    stage_.schedule.after(wait, [this, number] {
        const auto late = on_their_way_.find(number);
        if (late == on_their_way_.end()) return;
        const OnItsWay arrived = std::move(late->second);
        on_their_way_.erase(late);
        (void)receive(arrived.upload, arrived.part, arrived.sent);
    });
}

// A second copy of what is there comes between the listing of the parts and their completion. Not
// a damaged one, of which no object can be made.
void FakeBucket::arrive_meanwhile(const std::string& upload) {
    const auto open = uploads_.find(upload);
    if (open == uploads_.end()) return;
    for (auto it = on_their_way_.begin(); it != on_their_way_.end();) {
        const UploadPart& part = it->second.part;
        const auto held = open->second.parts.find(part.number);
        const bool is_copy = it->second.upload == upload && held != open->second.parts.end() &&
                             held->second.crc32c == part.crc32c && held->second.size == part.size;
        if (!is_copy) {
            ++it;
            continue;
        }
        (void)receive(upload, part, it->second.sent);
        it = on_their_way_.erase(it);
    }
}

Result<StoredObject> FakeBucket::fetch(const std::string& key, std::int64_t machine) {
    if (stage_.faults.strikes(Fault::kStoreFails, 100'000)) return unavailable("503 Slow Down");
    const StoredObject* found = object(key);
    if (found == nullptr) return not_found(key);
    StoredObject came = *found;
    RandomStream& draw = stage_.faults.stream(Fault::kReadDamaged);
    // What was damaged once on its way to a machine is so again in one of three readings.
    const bool was_damaged = damaged_on_.erase({machine, key}) > 0;
    const bool is_damaged =
        was_damaged ? draw.below(3) == 0 : stage_.faults.strikes(Fault::kReadDamaged, 150'000);
    if (!is_damaged) return came;
    damaged_on_.insert({machine, key});
    came.crc32c ^= 8U;  // no other damage, which this one would undo
    if (draw.below(8) == 0) came.size.count -= 1;
    return came;
}

void FakeBucket::replace(const std::string& key) {
    const auto found = objects_.find(key);
    if (found == objects_.end()) return;
    found->second.crc32c ^= 2U;
    found->second.etag += "'";
}

void FakeBucket::forge(const std::string& key, const std::string& text) {
    objects_[key] = {Bytes{static_cast<std::int64_t>(text.size())}, crc32c(text), text,
                     stage_.now()};
}

const StoredObject* FakeBucket::object(const std::string& key) const {
    const auto found = objects_.find(key);
    return found == objects_.end() ? nullptr : &found->second;
}

Status FakeBucket::put_now(const std::string& key, const std::string& data, bool only_if_absent) {
    if (only_if_absent && honours_conditions_ && objects_.contains(key))
        return Error{ErrorCode::kConflict, key + " is there already"};
    show(key, {Bytes{static_cast<std::int64_t>(data.size())}, crc32c(data), data, {}});
    return ok();
}

Status FakeBucket::put(const std::string& key, const std::string& data, bool only_if_absent) {
    return change([this, key, data, only_if_absent] { return put_now(key, data, only_if_absent); });
}

Result<std::string> FakeBucket::get(const std::string& key, std::size_t limit) {
    if (auto began = begin_call(); !began) return began.error();
    const StoredObject* found = object(key);
    if (found == nullptr) return not_found(key);
    if (found->text.size() > limit) return invalid(key + " is larger than expected");
    return found->text;
}

Result<ObjectInfo> FakeBucket::head(const std::string& key) {
    if (auto began = begin_call(); !began) return began.error();
    const StoredObject* found = object(key);
    if (found == nullptr) return not_found(key);
    ObjectInfo info{key, found->size, std::nullopt, std::nullopt};
    if (tells_checksums_) info.crc32c = found->crc32c;
    return info;
}

Result<std::vector<ObjectInfo>> FakeBucket::list(const std::string& prefix, std::size_t limit) {
    if (auto began = begin_call(); !began) return began.error();
    std::vector<ObjectInfo> found;
    for (auto it = objects_.lower_bound(prefix);
         it != objects_.end() && it->first.starts_with(prefix) && found.size() < limit; ++it) {
        if (lags(it->second.changed)) continue;
        found.push_back(
            {it->first, it->second.size, std::nullopt, kEpoch + (it->second.changed - Instant{})});
    }
    return found;
}

Status FakeBucket::remove_now(const std::string& key) {
    const auto found = objects_.find(key);
    if (found == objects_.end()) return not_found(key);
    if (on_remove) on_remove(found->first);
    objects_.erase(found);
    return ok();
}

Status FakeBucket::remove(const std::string& key) {
    return change([this, key] { return remove_now(key); });
}

Result<std::string> FakeBucket::create(const std::string& key) {
    // Named before it is there: it may come to be when nobody waits for it any more.
    const std::string name = "u" + std::to_string(next_upload_++);
    const Status created = change([this, key, name] {
        uploads_[name] = {key, {}, stage_.now(), stage_.now()};
        return ok();
    });
    if (!created) return created.error();
    return name;
}

Result<std::vector<UploadPart>> FakeBucket::parts(const PendingUpload& upload) {
    if (auto began = begin_call(); !began) return began.error();
    const auto found = uploads_.find(upload.upload);
    if (found == uploads_.end()) return not_found("upload " + upload.upload);
    std::vector<UploadPart> all;
    for (const auto& [number, part] : found->second.parts) {
        all.push_back(part);
        if (!tells_checksums_) all.back().crc32c.reset();
    }
    if (!all.empty() && lags(found->second.newest)) {
        stage_.marks.hit(Mark::kPartsLagged);
        all.pop_back();
    }
    return all;
}

Status FakeBucket::complete_now(const std::string& upload, const std::vector<UploadPart>& wanted) {
    const auto found = uploads_.find(upload);
    if (found == uploads_.end()) return not_found("upload " + upload);
    std::vector<UploadPart> taken;
    for (const UploadPart& part : wanted) {
        const auto there = found->second.parts.find(part.number);
        const bool is_there = there != found->second.parts.end();
        if (!is_there || there->second.etag != part.etag) {
            if (is_there) stage_.marks.hit(Mark::kPartCameAgain);
            return Error{ErrorCode::kCorrupt, "InvalidPart " + std::to_string(part.number)};
        }
        taken.push_back(there->second);
    }
    const std::string key = found->second.key;
    uploads_.erase(found);
    StoredObject made = join_parts(taken);
    made.etag = etag_of(taken);
    show(key, std::move(made));
    return ok();
}

Status FakeBucket::complete(const PendingUpload& upload, const std::vector<UploadPart>& wanted) {
    if (stage_.faults.strikes(Fault::kStoreDenies, 30'000)) deny(upload.key);
    if (denies(upload.key)) {
        if (auto began = begin_call(); !began) return began;
        return Error{ErrorCode::kForbidden, "403 AccessDenied"};
    }
    arrive_meanwhile(upload.upload);
    const Status done =
        change([this, name = upload.upload, wanted] { return complete_now(name, wanted); });
    const bool is_unheard = !done && done.error().code == ErrorCode::kTimedOut;
    if (is_unheard && !uploads_.contains(upload.upload)) stage_.marks.hit(Mark::kCompletionUnheard);
    return done;
}

Status FakeBucket::abort(const PendingUpload& upload) {
    return change([this, name = upload.upload]() -> Status {
        const auto found = uploads_.find(name);
        if (found == uploads_.end()) return not_found("upload " + name);
        if (on_abort) on_abort(found->second.key);
        uploads_.erase(found);
        return ok();
    });
}

Result<std::vector<PendingUpload>> FakeBucket::pending(const std::string& prefix,
                                                       std::size_t limit) {
    if (auto began = begin_call(); !began) return began.error();
    std::vector<PendingUpload> all;
    for (const auto& [name, upload] : uploads_) {
        if (!upload.key.starts_with(prefix) || lags(upload.begun)) continue;
        all.push_back({upload.key, name, kEpoch + (upload.begun - Instant{})});
    }
    std::sort(all.begin(), all.end(), [](const PendingUpload& a, const PendingUpload& b) {
        return std::tie(a.key, a.upload) < std::tie(b.key, b.upload);
    });
    if (all.size() > limit) all.resize(limit);
    return all;
}

}  // namespace herder::sim
