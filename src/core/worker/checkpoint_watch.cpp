#include "core/worker/checkpoint_watch.h"

#include <algorithm>
#include <set>
#include <utility>

namespace herder {
namespace {

// Some frameworks go on writing after the file that their rule waits for (random states of other
// ranks, objects that the user registered).
constexpr Duration kQuiet = seconds(2);

std::string stamp_of(const SeenFile& file) {
    return std::to_string(file.size_bytes) + ' ' + std::to_string(file.changed_us);
}

std::string fingerprint_of(const CheckpointLayout& layout) {
    std::string made = layout.fault;
    for (const SeenFile& file : layout.files) {
        made += '\n' + file.path + ' ' + stamp_of(file);
    }
    return made;
}

std::map<std::string, std::string> loose_files_of(const CheckpointLayout& layout) {
    std::map<std::string, std::string> files;
    if (!layout.is_loose()) return files;
    for (const SeenFile& file : layout.files)
        files[file.path] = stamp_of(file);
    return files;
}

// One that joins the others is not written again.
bool is_any_changed(const std::map<std::string, std::string>& before,
                    const std::map<std::string, std::string>& now) {
    return std::any_of(now.begin(), now.end(), [&](const auto& file) {
        const auto was = before.find(file.first);
        return was != before.end() && was->second != file.second;
    });
}

// The file's name without its step: model_.pt of out/model_500.pt.
std::string series_of(const SeenFile& file) {
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    const std::size_t dot = std::min(name.rfind('.'), name.size());
    const std::size_t end = name.substr(0, dot).find_last_not_of("0123456789");
    return name.substr(0, end == std::string::npos ? 0 : end + 1) + name.substr(dot);
}

std::set<std::string> series_of(const CheckpointLayout& layout) {
    std::set<std::string> made;
    for (const SeenFile& file : layout.files)
        made.insert(series_of(file));
    return made;
}

// Why plain files of one number are not all that belongs together; empty: nothing says so. Nothing
// promises the second file but that the number before had one.
std::string find_gap(const CheckpointLayout& layout, const std::vector<CheckpointLayout>& found) {
    if (layout.framework != Framework::kPlain || !layout.step) return "";
    const auto place_of = [](const CheckpointLayout& of) {
        return of.path.substr(0, of.path.rfind('/') + 1);
    };
    const CheckpointLayout* before = nullptr;
    for (const CheckpointLayout& other : found) {
        const bool is_before = other.framework == Framework::kPlain && other.step &&
                               *other.step < *layout.step && place_of(other) == place_of(layout);
        if (is_before && (before == nullptr || *other.step > *before->step)) before = &other;
    }
    if (before == nullptr) return "";
    const auto here = series_of(layout);
    std::string missing;
    bool is_same_kind = false;
    for (const std::string& series : series_of(*before)) {
        if (here.contains(series)) {
            is_same_kind = true;
        } else if (missing.empty()) {
            missing = series;
        }
    }
    // final_1000.pt after model_900.pt is something else, not half of it.
    if (!is_same_kind || missing.empty()) return "";
    return "there is no " + missing + " of " + std::to_string(*layout.step) + ", but one of " +
           std::to_string(*before->step);
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
    if (known.fingerprint == fingerprint) return known;
    auto files = loose_files_of(layout);
    const bool is_rewritten =
        known.is_rewritten || (known.is_settled && is_any_changed(known.files, files));
    known = {std::move(fingerprint), now, false, false, std::move(files), is_rewritten};
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
    std::vector<CheckpointLayout> found = find_layouts(files);
    for (CheckpointLayout& layout : found) {
        // The number is part of the name, as in unet_256.pt: it counts nothing.
        if (know(layout, now).is_rewritten) layout.step.reset();
    }
    if (is_last) {
        for (CheckpointLayout& layout : found) {
            if (layout.fault.empty()) layout.fault = find_gap(layout, found);
        }
    }
    const CheckpointLayout* newest = nullptr;
    for (const CheckpointLayout& layout : found) {
        Known& known = known_[layout.path];
        if (known.is_settled) continue;
        if (!layout.fault.empty()) {
            if (is_last) remark(layout, known);
            continue;
        }
        if (!is_last && now - known.since < kQuiet) continue;
        if (newest == nullptr || is_newer(layout, *newest)) newest = &layout;
    }
    if (newest == nullptr) return std::nullopt;
    settle_up_to(*newest, found);
    return *newest;
}

void CheckpointWatch::remark(const CheckpointLayout& layout, Known& known) {
    if (std::exchange(known.is_told, true)) return;
    remarks_.push_back("checkpoint " + layout.path + " (" + to_string(layout.framework) +
                       ") is not complete and was left out: " + layout.fault);
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
