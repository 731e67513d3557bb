#pragma once
// SOMETIMES marks: situations that a large batch of seeds must have seen, else the simulation is
// too tame to prove anything. The table of all of them is in marks.cpp.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace herder::sim {

enum class Mark : int {
    kUnknownFoundByListing,
    kUnknownAbandoned,
    kAbandonedAppeared,
    kErrorCarriedContract,
    kCreateNotSent,
    kBootTimedOut,
    kJoinedBeforeBound,
    kReopenedAfterClosed,
    kOfferGone,
    kAccountBlocked,
    kBlindOnProvider,
    kPreempted,
    kHostLost,
    kAgentLost,
    kDetachedAndReadopted,
    kDeadManSwitchFired,
    kToldFenced,
    kOutcomeFoundInStore,
    kStaleCommitRefused,
    kManifestRefused,
    kRestoreFellBack,
    kResumedFromCheckpoint,
    kCheckpointRetired,
    kUserRetry,
    kFailedForGood,
    kCancelledWhileUnknown,
    kCancelledWhileRunning,
    kPausedAndResumed,
    kMaxDurationEnded,
    kBudgetStopped,
    kBudgetRefused,
    kRepeatedSubmit,
    kCrashBeforeCommit,
    kCrashAfterCommit,
    kCommitAnswerLost,
    kOldLeaderFenced,
    kFoundIntentsOnTheWire,
    kWallJumpedWhileRunning,
    kKilledAfterGrace,
    kThrottled,
    kWokeAlone,
    kQueuedStartFired,
    kMovedBeforeEnd,
    kIncreaseAccepted,
    kIncreaseRejected,
    kDestroyedTogether,
    kListTorn,
    kCreditRanOut,
    kMovedBeforeMaintenance,
    kCompletionUnheard,
    kStoreActedLate,
    kPartsLagged,
    kUploadFoundAgain,
    kUploadResumed,
    kDamageRefused,
    kDamageRestored,
    kManifestWasThere,
    kDeletionRepeated,
    kDiedInStore,
    kCommittedForTheDead,
    kMisreadElsewhere,
    kTwoWitnesses,
    kDenialGivenUp,
    kReadHealed,
    kReadGone,
    kReadReplaced,
    kGoneSeen,
    kForgeryRefused,
    kPartCameAgain,
    kCutAnew,
    kVerifiedKept,
    kCount,
};
constexpr int kMarkCount = static_cast<int>(Mark::kCount);

// "unknown rent resolved by listing"
const char* to_string(Mark mark);

class Marks {
  public:
    void hit(Mark mark) { ++hits_[static_cast<std::size_t>(mark)]; }
    void add(const Marks& other);
    std::uint64_t hits(Mark mark) const { return hits_[static_cast<std::size_t>(mark)]; }
    std::vector<Mark> never_hit() const;

  private:
    std::array<std::uint64_t, kMarkCount> hits_{};
};

}  // namespace herder::sim
