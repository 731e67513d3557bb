#include "sim/marks.h"

namespace herder::sim {

namespace {

constexpr std::array<const char*, kMarkCount> kTexts = {
    "unknown rent resolved by listing",
    "unknown rent given up on",
    "abandoned rent appeared after all",
    "refusal carried a contract",
    "create dropped because its deadline had passed",
    "machine never came up and was given back",
    "agent joined before its create call was answered",
    "machine listed again after it was closed",
    "offer was gone when it was asked for",
    "account blocked by the provider",
    "provider's listings failed in a row",
    "machine taken away by a higher bid",
    "host lost",
    "agent lost while its machine ran on",
    "job computed detached and was adopted again",
    "dead-man's switch destroyed a machine",
    "agent told that it is fenced",
    "outcome of a lost machine found in the store",
    "stale attempt's checkpoint refused",
    "manifest refused for missing objects",
    "restore fell back to an older checkpoint",
    "job resumed from a checkpoint",
    "old checkpoint retired",
    "job restarted after an error of its own",
    "job failed for good",
    "cancelled while its rent was unknown",
    "cancelled while running",
    "paused and resumed",
    "ended by max_duration",
    "stopped by a budget",
    "submit refused by a budget",
    "repeated submit answered with the same job",
    "crash before a commit",
    "crash after a commit",
    "commit's answer lost",
    "old leader fenced by a new one",
    "start found calls on the wire",
    "wall clock jumped while jobs ran",
    "job ignored its stop signal and was killed",
    "call refused for haste",
    "paused machine woke by itself",
    "queued start fired after all",
    "job moved before its contract ended",
    "price increase accepted",
    "price increase rejected",
    "many machines destroyed in one call",
    "pages of a listing did not fit together",
    "credit ran out while machines ran",
    "job moved before its host's maintenance",
    "completion of an object done but not answered",
    "store did what had been given up",
    "list of parts left out what had come",
    "upload found again by another process",
    "upload went on where it had failed",
    "object refused for its checksum",
    "restore met an object that came damaged",
    "manifest found to be written already",
    "deletion repeated",
    "process died in the middle of its calls to the store",
    "checkpoint committed although its machine was gone",
    "checkpoint restored that another machine could not read",
    "checkpoint set aside by the word of two machines",
    "commit given up that the store denied",
    "damage on the way healed by a second reading",
    "restore met an object that the store had lost",
    "restore met other bytes than were committed",
    "checkpoint set aside whose manifest the store had lost",
    "commit refused because another manifest was there",
    "completion met a part that had come once more",
    "upload begun anew because its file is cut differently by now",
    "old checkpoint kept because it was seen to verify",
};

}  // namespace

const char* to_string(Mark mark) {
    return kTexts[static_cast<std::size_t>(mark)];
}

void Marks::add(const Marks& other) {
    for (std::size_t i = 0; i < hits_.size(); ++i)
        hits_[i] += other.hits_[i];
}

std::vector<Mark> Marks::never_hit() const {
    std::vector<Mark> missing;
    for (int i = 0; i < kMarkCount; ++i) {
        if (hits_[static_cast<std::size_t>(i)] == 0) missing.push_back(static_cast<Mark>(i));
    }
    return missing;
}

}  // namespace herder::sim
