#include "sim/mutant.h"

namespace herder::sim {

const char* to_string(Mutant mutant) {
    for (const MutantFacts& facts : kMutants) {
        if (facts.mutant == mutant) return facts.word;
    }
    return "none";
}

std::optional<Mutant> parse_mutant(std::string_view word) {
    for (const MutantFacts& facts : kMutants) {
        if (word == facts.word) return facts.mutant;
    }
    if (word == "none") return Mutant::kNone;
    return std::nullopt;
}

}  // namespace herder::sim
