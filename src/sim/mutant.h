#pragma once
// Planted defects: each is a real bug that some peer of ours has had. They are played by the
// simulator's shell around the unchanged core, so production code carries no hook. The gate demands
// that each is caught within 200 seeds.
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
constexpr std::array<Mutant, 9> kMutants = {
    Mutant::kNoIntentRow,  Mutant::kBlindRetry,          Mutant::kForgetFirstAbsence,
    Mutant::kTrustDestroy, Mutant::kUnfencedCheckpoints, Mutant::kIgnoreLease,
    Mutant::kAddCharges,   Mutant::kReissueIntents,      Mutant::kFailedPageIsEnd,
};

// "no-intent-row"
const char* to_string(Mutant mutant);
std::optional<Mutant> parse_mutant(std::string_view word);

}  // namespace herder::sim
