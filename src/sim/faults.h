#pragma once
// The classes of faults, and how often each strikes in one seed: a class is off in half of the
// seeds, else its intensity is drawn uniformly. Each class draws from a stream of its own, so that
// turning one off does not reshuffle the others (the minimiser needs that).
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"

namespace herder::sim {

enum class Fault : int {
    // The provider's calls.
    kCreateRefused,
    kCreateNoEffect,
    kCreateTimeout,
    kCreateLate,
    kCreateErrorWithContract,
    kAccountBlocked,
    kListLag,
    kListPageFails,
    kListTruncated,
    kListStale,
    kListDuplicate,
    kDestroyLost,
    kBulkRefused,
    kZombie,
    kGhost,
    kSearchFails,
    kOutage,
    kChargesLate,
    kChargesRevised,
    kThrottled,
    kLabelLate,
    kStartQueued,
    kWakesAlone,
    kContractEnds,
    kPriceIncrease,
    kCreditOut,
    // Machines.
    kOutbid,
    kHostOffline,
    kNeverBoots,
    kSlowBoot,
    kAgentKilled,
    // Between agents and server.
    kNetDelay,
    kNetLoss,
    kNetDuplicate,
    kNetPartition,
    kForgery,
    // The artifact store.
    kSlowUpload,
    kUploadFails,
    kObjectMissing,
    kStoreFails,
    kRestoreMismatch,
    // Jobs.
    kUserError,
    kOutOfMemory,
    kHang,
    kNeverEnds,
    // The orchestrator's process, host and database.
    kKill,
    kCrashAtCommit,
    kCommitUnknown,
    kDiskFull,
    kTwoLeaders,
    kClockDrift,
    kWallJump,
    // The newest last, so that the classes before them draw what they drew without them.
    kMaintenance,
    kStoreSlow,
    kStoreReplyLost,
    kStoreLate,
    kStoreListLags,
    kPartDamaged,
    kCrashInStore,
    kHostMisreads,
    kStoreDenies,
    kObjectLost,
    kObjectReplaced,
    kReadDamaged,
    kManifestForged,
    kPartSizeChanges,
    kCount,
};
constexpr int kFaultCount = static_cast<int>(Fault::kCount);

// The stable word, as "create_late".
const char* to_string(Fault fault);
std::optional<Fault> parse_fault(std::string_view word);

class FaultPlan {
  public:
    // Classes in `off` never strike, whatever the seed says.
    FaultPlan(std::uint64_t seed, const std::set<Fault>& off);

    // Strikes with `per_million` at full intensity, proportionally less below.
    bool strikes(Fault fault, std::uint64_t per_million);
    // 0: off in this seed (or by now).
    double intensity(Fault fault) const;
    RandomStream& stream(Fault fault) { return streams_[index(fault)]; }
    // For a fault that strikes by other means than `strikes`.
    void count(Fault fault) { ++counts_[index(fault)]; }
    // From now on nothing strikes.
    void end() { ended_ = true; }
    bool has_ended() const { return ended_; }

    const std::array<std::uint64_t, kFaultCount>& counts() const { return counts_; }
    std::vector<Fault> classes_on() const;

  private:
    static std::size_t index(Fault fault) { return static_cast<std::size_t>(fault); }

    std::vector<RandomStream> streams_;
    std::array<double, kFaultCount> intensity_{};
    std::array<std::uint64_t, kFaultCount> counts_{};
    bool ended_ = false;
};

}  // namespace herder::sim
