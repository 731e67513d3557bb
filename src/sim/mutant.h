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
};

struct MutantFacts {
    Mutant mutant = Mutant::kNone;
    const char* word = "";
    const char* caught_by = "";  // the invariant that must notice it; no other counts
    int seeds = 0;               // within so many
};
constexpr std::array<MutantFacts, 9> kMutants = {{
    {Mutant::kNoIntentRow, "no-intent-row", "3 no-call-without-row", 200},
    {Mutant::kBlindRetry, "blind-retry", "2 one-machine-per-intent", 200},
    {Mutant::kForgetFirstAbsence, "forget-first-absence", "1 no-leak", 200},
    {Mutant::kTrustDestroy, "trust-destroy", "1 no-leak", 200},
    {Mutant::kUnfencedCheckpoints, "unfenced-checkpoints", "16 checkpoint-chain", 200},
    {Mutant::kIgnoreLease, "ignore-lease", "15 no-double-compute", 200},
    {Mutant::kAddCharges, "add-charges", "6 ledger", 200},
    {Mutant::kReissueIntents, "reissue-intents", "2 one-machine-per-intent", 200},
    {Mutant::kFailedPageIsEnd, "failed-page-is-end", "26 no-needless-kill", 200},
}};

// "no-intent-row"
const char* to_string(Mutant mutant);
std::optional<Mutant> parse_mutant(std::string_view word);

}  // namespace herder::sim
