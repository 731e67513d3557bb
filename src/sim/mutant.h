#pragma once
// Planted defects: each is a real bug that some peer of ours has had. They are played by the
// simulator's shell around the unchanged core, so production code carries no hook. The gate demands
// that each is caught within its number of seeds, by the checker that is there for it.
#include <array>
#include <optional>
#include <string_view>

namespace herder::sim {

enum class Mutant : int {
    kNone = 0,
    kNoIntentRow,          // the row is not stored before the create call
    kBlindRetry,           // the client repeats a create that timed out
    kForgetFirstAbsence,   // one listing without the machine closes it
    kTrustDestroy,         // "200 OK" to a destroy is taken as its end
    kUnfencedCheckpoints,  // a stale attempt's reports pass as the current one's
    kIgnoreLease,          // the agent computes on however long it is unheard
    kAddCharges,           // each reading of the charges is added to the one before
    kReissueIntents,       // a restart repeats the create calls it finds open
    kFailedPageIsEnd,      // a listing whose page failed counts as complete
    // In the client of the provider, chosen before any checker was written for them.
    kThrottledIsRefused,    // 429 to a create is taken as the offer's refusal
    kSecondPageDropped,     // a listing ends after its first page
    kErrorContractIgnored,  // success:false is a refusal, whatever contract it carries
    kBidOmitted,            // the bid is not sent: rented on demand
    kStaleLabel,            // labels are remembered by physical machine
    kGpuPriceIsTotal,       // the price of one GPU is taken as that of all
    kStoppedIsGone,         // listings leave out what is stopped
    kLabelAfterCreate,      // the label is set by a second call
    kChargesFirstPage,      // charges are read up to the first page's end
    kThresholdIgnored,      // no minimum interval is kept, and none that a 429 names
    // In the commit path of checkpoints.
    kManifestFirst,     // the manifest is written before the objects are looked at
    kLatestByTime,      // restored is what the server's calendar calls the newest
    kChecksumsIgnored,  // nobody compares them
    kNewestDeleted,     // rotation deletes the newest in place of an old one
    kPartsFromWorker,   // which parts there are is the worker's word
    // There as well, chosen before any checker was written for them.
    kKeysByStep,           // objects are named by their step alone
    kUnansweredIsDone,     // a call to the store that was not answered counts as done
    kUnansweredIsRefused,  // a manifest that was not answered for counts as refused
    kObjectsDeletedFirst,  // a deletion takes the objects before their manifest
    kSweepWithoutAge,      // unfinished uploads are given up however young they are
    kFailedDeleteIsDone,   // a deletion that failed half-way counts as done
    // In recovery.
    kOneWordCondemns,  // a checkpoint is set aside because one machine could not restore it
    // In the commit path once more.
    kDenialUnreported,  // a commit that the store denies is never answered for
    // In commits and restores, chosen before any checker was written for them.
    kSizeIsEnough,      // a restore compares sizes alone
    kForgedIsOurs,      // a manifest that is there already is taken for ours, unread
    kRevivedByRestart,  // a restart forgets which checkpoints were set aside
    kSequenceReused,    // the number of the newest commit is not stored with it
    kUnansweredIsGone,  // a look at the store that was not answered counts as "nothing there"
    kGoneIsFailed,      // an object that is gone counts as the machine's fault, not as damage
    kEtagsOfFirstSend,  // an upload is completed with the ETags that its parts had at first
    kCutsMixed,         // an upload goes on although its file is cut differently by now
    kVerifiedDeleted,   // rotation counts the newest alone, whatever was seen to verify
};

struct MutantFacts {
    Mutant mutant = Mutant::kNone;
    const char* word = "";
    const char* caught_by = "";  // the invariant that must notice it; no other counts
    int seeds = 0;               // within so many
};
constexpr std::array<MutantFacts, 41> kMutants = {{
    {Mutant::kNoIntentRow, "no-intent-row", "3 no-call-without-row", 200},
    {Mutant::kBlindRetry, "blind-retry", "2 one-machine-per-intent", 200},
    {Mutant::kForgetFirstAbsence, "forget-first-absence", "1 no-leak", 200},
    {Mutant::kTrustDestroy, "trust-destroy", "1 no-leak", 200},
    {Mutant::kUnfencedCheckpoints, "unfenced-checkpoints", "16 checkpoint-chain", 200},
    {Mutant::kIgnoreLease, "ignore-lease", "15 no-double-compute", 200},
    {Mutant::kAddCharges, "add-charges", "6 ledger", 200},
    {Mutant::kReissueIntents, "reissue-intents", "2 one-machine-per-intent", 200},
    {Mutant::kFailedPageIsEnd, "failed-page-is-end", "26 no-needless-kill", 200},
    {Mutant::kThrottledIsRefused, "throttled-is-refused", "41 no-unearned-blame", 300},
    {Mutant::kSecondPageDropped, "second-page-dropped", "26 no-needless-kill", 300},
    {Mutant::kErrorContractIgnored, "error-contract-ignored", "43 refused-is-refused", 300},
    {Mutant::kBidOmitted, "bid-omitted", "5 price-cap", 300},
    {Mutant::kStaleLabel, "stale-label", "26 no-needless-kill", 300},
    {Mutant::kGpuPriceIsTotal, "gpu-price-is-total", "5 price-cap", 300},
    {Mutant::kStoppedIsGone, "stopped-is-gone", "1 no-leak", 300},
    {Mutant::kLabelAfterCreate, "label-after-create", "1 no-leak", 300},
    {Mutant::kChargesFirstPage, "charges-first-page", "6 ledger", 300},
    {Mutant::kThresholdIgnored, "threshold-ignored", "42 no-haste", 300},
    {Mutant::kManifestFirst, "manifest-first", "17 checkpoint-readable", 300},
    {Mutant::kLatestByTime, "latest-by-time", "18 no-regress", 300},
    {Mutant::kChecksumsIgnored, "checksums-ignored", "17 checkpoint-readable", 300},
    {Mutant::kNewestDeleted, "newest-deleted", "17 checkpoint-readable", 300},
    {Mutant::kPartsFromWorker, "parts-from-worker", "17 checkpoint-readable", 300},
    {Mutant::kKeysByStep, "keys-by-step", "17 checkpoint-readable", 300},
    {Mutant::kUnansweredIsDone, "unanswered-is-done", "17 checkpoint-readable", 300},
    {Mutant::kUnansweredIsRefused, "unanswered-is-refused", "18 no-regress", 300},
    {Mutant::kObjectsDeletedFirst, "objects-deleted-first", "17 checkpoint-readable", 300},
    {Mutant::kSweepWithoutAge, "sweep-without-age", "45 no-upload-dropped", 300},
    {Mutant::kFailedDeleteIsDone, "failed-delete-is-done", "44 nothing-left", 300},
    {Mutant::kOneWordCondemns, "one-word-condemns", "46 two-witnesses", 300},
    {Mutant::kDenialUnreported, "denial-unreported", "47 commits-end", 300},
    {Mutant::kSizeIsEnough, "size-is-enough", "49 restored-is-right", 300},
    {Mutant::kForgedIsOurs, "forged-is-ours", "17 checkpoint-readable", 300},
    {Mutant::kRevivedByRestart, "revived-by-restart", "50 set-aside-stays", 300},
    {Mutant::kSequenceReused, "sequence-reused", "16 checkpoint-chain", 300},
    {Mutant::kUnansweredIsGone, "unanswered-is-gone", "46 two-witnesses", 300},
    {Mutant::kGoneIsFailed, "gone-is-failed", "52 no-endless-try", 300},
    {Mutant::kEtagsOfFirstSend, "etags-of-first-send", "18 no-regress", 300},
    {Mutant::kCutsMixed, "cuts-mixed", "51 no-part-in-vain", 300},
    {Mutant::kVerifiedDeleted, "verified-deleted", "48 last-verified", 300},
}};

// "no-intent-row"
const char* to_string(Mutant mutant);
std::optional<Mutant> parse_mutant(std::string_view word);

}  // namespace herder::sim
