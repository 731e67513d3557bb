#include "core/worker/checkpoint_watch.h"

#include <utility>

namespace herder {
namespace {

// Some frameworks go on writing after the file that their rule waits for (random states of other
// ranks, objects that the user registered).
constexpr Duration kQuiet = seconds(2);

std::string fingerprint_of(const CheckpointLayout& layout) {
    std::string made = layout.fault;
    for (const SeenFile& file : layout.files) {
        made += '\n' + file.path + ' ' + std::to_string(file.size_bytes) + ' ' +
                std::to_string(file.changed_us);
    }
    return made;
}

// Newer by step where both have one. Otherwise by the time of writing: names without a number are
// written again and again.
bool is_newer(const CheckpointLayout& a, const CheckpointLayout& b) {
    if (a.step && b.step && *a.step != *b.step) return *a.step > *b.step;
    // Lightning's last.ckpt is a copy of one with a step: of two written together, take that.
    if (a.changed_us() == b.changed_us() || a.framework == Framework::kLightning)
        return a.step.has_value() > b.step.has_value() ||
               (a.step.has_value() == b.step.has_value() && a.changed_us() > b.changed_us());
    return a.changed_us() > b.changed_us();
}

}  // namespace

CheckpointWatch::Known& CheckpointWatch::know(const CheckpointLayout& layout, Instant now) {
    Known& known = known_[layout.path];
    std::string fingerprint = fingerprint_of(layout);
    if (known.fingerprint != fingerprint) known = {std::move(fingerprint), now, false, false};
    return known;
}

void CheckpointWatch::begin(const std::vector<SeenFile>& files) {
    known_.clear();
    for (const CheckpointLayout& layout : find_layouts(files))
        know(layout, Instant{}).is_settled = true;
}

std::optional<CheckpointLayout> CheckpointWatch::look(Instant now,
                                                      const std::vector<SeenFile>& files,
                                                      bool is_last) {
    const std::vector<CheckpointLayout> found = find_layouts(files);
    const CheckpointLayout* newest = nullptr;
    for (const CheckpointLayout& layout : found) {
        Known& known = know(layout, now);
        if (known.is_settled) continue;
        if (!layout.fault.empty()) {
            if (is_last && !std::exchange(known.is_told, true))
                remarks_.push_back("checkpoint " + layout.path + " (" +
                                   to_string(layout.framework) +
                                   ") is not complete and was left out: " + layout.fault);
            continue;
        }
        if (!is_last && now - known.since < kQuiet) continue;
        if (newest == nullptr || is_newer(layout, *newest)) newest = &layout;
    }
    if (newest == nullptr) return std::nullopt;
    settle_up_to(*newest, found);
    return *newest;
}

void CheckpointWatch::settle_up_to(const CheckpointLayout& taken,
                                   const std::vector<CheckpointLayout>& found) {
    for (const CheckpointLayout& layout : found) {
        const bool is_it = layout.path == taken.path;
        if (is_it || (layout.fault.empty() && is_newer(taken, layout)))
            known_[layout.path].is_settled = true;
    }
}

std::vector<std::string> CheckpointWatch::take_remarks() {
    return std::exchange(remarks_, {});
}

}  // namespace herder
