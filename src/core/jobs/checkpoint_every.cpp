#include "core/jobs/checkpoint_every.h"

namespace herder {

std::string to_every_text(const CheckpointSpec& spec) {
    if (spec.every_steps > 0) return std::to_string(spec.every_steps) + " steps";
    if (spec.every == kEveryAuto) return "auto";
    if (spec.every.us > 0) return std::to_string((spec.every.us + 999'999) / 1'000'000) + "s";
    return {};
}

}  // namespace herder
