#pragma once
// A rental: from the wish to rent one machine to the last cent of its bill. The row is committed
// before the create call is made, the label travels in the call, and exactly one call is made per
// intent. planned -> armed -> sent -> bound -> live -> closing -> closed -> settled, with refused,
// unknown and abandoned.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/id.h"
#include "base/money.h"
#include "base/time.h"
#include "core/jobs/attempt.h"
#include "core/market/offer.h"

namespace herder {

namespace rent {

struct Planned {
    static constexpr int kTag = 1;
    bool operator==(const Planned&) const = default;
    template <class Self, class V>
    static void describe(Self&, V&) {}
};
// Committed and handed to the effect runner; may be sent until the deadline.
struct Armed {
    static constexpr int kTag = 2;
    Instant since;
    Instant send_before;
    bool operator==(const Armed&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.send_before);
    }
};
struct Sent {
    static constexpr int kTag = 3;
    Instant at;
    bool operator==(const Sent&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
    }
};
// No usable answer: a machine may or may not exist. Resolved by complete listings only.
struct Unknown {
    static constexpr int kTag = 4;
    Instant since;
    int absent_lists = 0;
    std::string why;
    bool operator==(const Unknown&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.absent_lists);
        v(3, s.why);
    }
};
struct Refused {
    static constexpr int kTag = 5;
    Instant at;
    std::string why;
    bool operator==(const Refused&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
        v(2, s.why);
    }
};
// Given up after Unknown; its label is watched on, and a machine that appears later is closed.
struct Abandoned {
    static constexpr int kTag = 6;
    Instant at;
    bool operator==(const Abandoned&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
    }
};
// The machine exists; its agent has until the deadline to join.
struct Bound {
    static constexpr int kTag = 7;
    Instant since;
    Instant join_deadline;
    bool operator==(const Bound&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.join_deadline);
    }
};
struct Live {
    static constexpr int kTag = 8;
    Instant since;
    bool operator==(const Live&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
    }
};
// Destroyed until it is absent from two complete listings.
struct Closing {
    static constexpr int kTag = 9;
    Instant since;
    Instant next_destroy;
    int destroys_sent = 0;
    int absent_lists = 0;
    std::string why;
    bool operator==(const Closing&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.next_destroy);
        v(3, s.destroys_sent);
        v(4, s.absent_lists);
        v(5, s.why);
    }
};
// Gone; its final charges are awaited.
struct Closed {
    static constexpr int kTag = 10;
    Instant at;
    bool operator==(const Closed&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
    }
};
struct Settled {
    static constexpr int kTag = 11;
    Instant at;
    bool operator==(const Settled&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
    }
};

}  // namespace rent

using IntentPhase = std::variant<rent::Planned, rent::Armed, rent::Sent, rent::Unknown,
                                 rent::Refused, rent::Abandoned, rent::Bound, rent::Live,
                                 rent::Closing, rent::Closed, rent::Settled>;

const char* to_string(const IntentPhase& phase);

// How far a machine has come up, for people; only ever forward.
enum class BootStage : int {
    kAsked = 0,  // rented or about to be; the host has not begun
    kPulling = 1,
    kStarting = 2,  // the container runs, its agent is awaited
    kJoined = 3,    // its agent measures it
    kAdmitted = 4,
};
const char* to_string(BootStage stage);

// A machine may exist and cost money: sent, unknown, bound, live or closing (armed counts too,
// because its call may be on the wire).
bool may_exist(const IntentPhase& phase);
// Nothing is left to do but to watch the label.
bool is_over(const IntentPhase& phase);

struct Intent {
    IntentId id;
    AttemptKey attempt;
    int rank = 0;
    std::string label;       // carried in the create call
    Offer offer;             // as it was when chosen
    UsdPerHour bid{};        // 0: on demand
    UsdPerHour price_cap{};  // total price never above this
    Bytes disk;
    std::string token_hash;    // SHA-256 (hex) of the agent's one-time join token
    std::string session_hash;  // SHA-256 (hex) of its session key once joined
    ContractId contract;
    Usd reserved;  // of the budgets, released when the intent is over
    IntentPhase phase;
    Instant planned;
    WallTime planned_wall;
    std::optional<Instant> bound;    // disk bills from here
    std::optional<Instant> live;     // GPU bills from here (corrected by the agent's uptime)
    std::optional<Instant> gpu_end;  // GPU billing ended (machine stopped, gone, or destroyed)
    std::optional<Instant> disk_end;
    UsdPerHour gpu_rate{};  // locked in the contract, read back from the listing
    UsdPerHour disk_rate{};
    std::string provider_state;  // newest seen in a listing, for people
    Instant listed;              // when it was last in a complete listing
    Instant last_report;         // persisted at most once a minute
    BootStage boot = BootStage::kAsked;

    bool operator==(const Intent&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.id);
        v(2, s.attempt.job);
        v(3, s.attempt.fence);
        v(4, s.rank);
        v(5, s.label);
        v(6, s.offer);
        v(7, s.bid);
        v(8, s.price_cap);
        v(9, s.disk);
        v(10, s.token_hash);
        v(11, s.session_hash);
        v(12, s.contract);
        v(13, s.reserved);
        v(14, s.phase);
        v(15, s.planned);
        v(16, s.planned_wall);
        v(17, s.bound);
        v(18, s.live);
        v(19, s.gpu_end);
        v(20, s.disk_end);
        v(21, s.gpu_rate);
        v(22, s.disk_rate);
        v(23, s.provider_state);
        v(24, s.listed);
        v(25, s.last_report);
        v(26, s.boot);
    }
};

// What the machine has cost by our own clock until `now`: locked rates times the time they ran.
Usd accrued(const Intent& intent, Instant now);

// What a provider's listing says of one machine of the account (ours or not).
enum class MachineState : int {
    kStarting = 1,  // exists, not yet running
    kRunning = 2,
    kStopped = 3,  // outbid, stopped or ended: disk bills on
    kOffline = 4,  // host not heard by the provider
    kFailed = 5,   // will never start (pull or container error)
    kUnknown = 6,  // a word we do not know
    kQueued = 7,   // its start waits for the GPUs; disk bills
};
const char* to_string(MachineState state);

// How a machine is paid for. A market may rent on demand although a bid was meant, and not say so.
enum class RentalKind : int { kUnknown = 0, kOnDemand = 1, kInterruptible = 2 };
const char* to_string(RentalKind kind);

struct ListedMachine {
    ContractId contract;
    std::string label;
    MachineState state = MachineState::kUnknown;
    std::string detail;  // the provider's words
    UsdPerHour gpu_price{};
    UsdPerHour disk_price{};
    RentalKind rental = RentalKind::kUnknown;
    Bytes disk{};  // allocated, may be less than asked for; 0: not said
    // From the contract's start to its end, or to an announced maintenance. A length, because the
    // provider's clock and ours need not agree.
    Duration lasts = kForever;
    bool operator==(const ListedMachine&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.contract);
        v(2, s.label);
        v(3, s.state);
        v(4, s.detail);
        v(5, s.gpu_price);
        v(6, s.disk_price);
        v(7, s.rental);
        v(8, s.disk);
        v(9, s.lasts);
    }
};

// Why a machine is not what this intent rented: on demand although a bid was meant, or dearer than
// the intent allows. Empty: it is, as far as the listing tells.
std::string find_rental_mismatch(const Intent& intent, const ListedMachine& machine);

}  // namespace herder
