#include "sim/mutant_store.h"

namespace herder::sim {

bool MutantStore::is_for(Mutant mutant) {
    return mutant == Mutant::kChecksumsIgnored || mutant == Mutant::kPartsFromWorker ||
           mutant == Mutant::kUnansweredIsDone || mutant == Mutant::kSweepWithoutAge ||
           mutant == Mutant::kForgedIsOurs || mutant == Mutant::kEtagsOfFirstSend;
}

// kUnansweredIsDone: no answer is a good answer.
Status MutantStore::believe(Status answer) const {
    const bool is_heard = answer || !is_retryable(answer.error().code);
    return is_heard || mutant_ != Mutant::kUnansweredIsDone ? answer : ok();
}

Status MutantStore::put(const std::string& key, const std::string& data, bool only_if_absent) {
    const Status put = bucket_.put(key, data, only_if_absent);
    const bool is_there = !put && put.error().code == ErrorCode::kConflict;
    if (is_there && mutant_ == Mutant::kForgedIsOurs) return ok();
    return believe(put);
}

Result<std::string> MutantStore::get(const std::string& key, std::size_t limit) {
    return bucket_.get(key, limit);
}

Result<ObjectInfo> MutantStore::head(const std::string& key) {
    auto info = bucket_.head(key);
    if (!info) return info;
    if (mutant_ == Mutant::kChecksumsIgnored) info->crc32c.reset();
    const std::vector<UploadPart>* claim = objects_.claim_of(key);
    if (mutant_ == Mutant::kPartsFromWorker && claim != nullptr) {
        const StoredObject claimed = join_parts(*claim);
        info->size = claimed.size;
        info->crc32c = claimed.crc32c;
    }
    return info;
}

Result<std::vector<ObjectInfo>> MutantStore::list(const std::string& prefix, std::size_t limit) {
    return bucket_.list(prefix, limit);
}

Status MutantStore::remove(const std::string& key) {
    return believe(bucket_.remove(key));
}

Result<std::string> MutantStore::sign(UrlVerb verb, const std::string& key, WallTime expires) {
    return bucket_.sign(verb, key, expires);
}

Result<std::vector<UploadPart>> MutantStore::parts(const PendingUpload& upload) {
    auto held = bucket_.parts(upload);
    if (!held) return held;
    if (mutant_ == Mutant::kChecksumsIgnored) {
        for (UploadPart& part : *held)
            part.crc32c.reset();
    }
    const std::vector<UploadPart>* claim = objects_.claim_of(upload.key);
    if (mutant_ == Mutant::kPartsFromWorker && claim != nullptr) return *claim;
    return held;
}

Status MutantStore::complete(const PendingUpload& upload, const std::vector<UploadPart>& parts) {
    const auto found = bucket_.uploads().find(upload.upload);
    if (mutant_ == Mutant::kEtagsOfFirstSend && found != bucket_.uploads().end()) {
        std::vector<UploadPart> first = parts;
        for (UploadPart& part : first) {
            const auto sent = found->second.first_etags.find(part.number);
            if (sent != found->second.first_etags.end()) part.etag = sent->second;
        }
        return bucket_.complete(upload, first);
    }
    if (mutant_ != Mutant::kPartsFromWorker) return believe(bucket_.complete(upload, parts));
    // What the worker named and is not there is left out, without a word.
    std::vector<UploadPart> there;
    if (found != bucket_.uploads().end()) {
        for (const UploadPart& part : parts) {
            const auto held = found->second.parts.find(part.number);
            if (held != found->second.parts.end()) there.push_back(held->second);
        }
    }
    return bucket_.complete(upload, there);
}

Result<std::vector<PendingUpload>> MutantStore::pending(const std::string& prefix,
                                                        std::size_t limit) {
    auto found = bucket_.pending(prefix, limit);
    if (found && mutant_ == Mutant::kSweepWithoutAge) {
        for (PendingUpload& upload : *found)
            upload.started = WallTime{upload.started.us - days(8).us};
    }
    return found;
}

}  // namespace herder::sim
