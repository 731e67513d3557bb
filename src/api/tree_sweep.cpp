#include "api/tree_sweep.h"

#include <type_traits>
#include <variant>

#include "base/log.h"
#include "protocol/tree_json.h"

namespace herder::api {

namespace {

constexpr Duration kEvery = hours(1);
constexpr Duration kYoung = hours(24 * 7);
constexpr Duration kNotedFor = hours(24);
constexpr std::size_t kListedMax = 1'000'000;
constexpr std::size_t kRemovedMax = 500;  // of each kind: others wait for this thread

// When the job ended; nothing while it has not.
std::optional<Instant> ended_at(const JobPhase& phase) {
    return std::visit(
        [](const auto& now) -> std::optional<Instant> {
            if constexpr (requires { now.at; }) {
                return now.at;
            } else {
                return std::nullopt;
            }
        },
        phase);
}

}  // namespace

std::set<std::string> trees_in_use(const State& state, Instant now) {
    std::set<std::string> used;
    for (const auto& [id, job] : state.jobs) {
        const std::optional<Instant> ended = ended_at(job.phase);
        if (ended && *ended + kYoung < now) continue;
        used.insert(job.spec.workdir_object);
        for (const DataInput& input : job.spec.inputs)
            used.insert(input.tree);
    }
    used.erase("");
    return used;
}

void TreeSweep::note(const std::string& key, WallTime now) {
    if (noted_.size() < kListedMax) noted_[key] = now;
}

bool TreeSweep::is_due(WallTime now) {
    if (next_ == WallTime{}) next_ = now + kEvery;
    if (now < next_) return false;
    next_ = now + kEvery;
    return true;
}

bool TreeSweep::may_go(const ObjectInfo& info, WallTime now) const {
    return info.modified && *info.modified + kYoung < now && !noted_.contains(info.key);
}

Result<std::size_t> TreeSweep::sweep_trees(const std::string& prefix,
                                           const std::set<std::string>& used, WallTime now,
                                           std::set<std::string>& chunks_used) {
    const auto listed = objects_.list(prefix, kListedMax);
    if (!listed) return listed.error();
    std::size_t removed = 0;
    for (const ObjectInfo& info : *listed) {
        if (removed < kRemovedMax && !used.contains(info.key) && may_go(info, now)) {
            if (auto gone = objects_.remove(info.key); !gone) return gone.error();
            ++removed;
            continue;
        }
        if (protocol::tree_of_key(info.key).empty()) continue;
        const auto tree = trees_.get(info.key);
        // Without all trees nobody knows which pieces are needed.
        if (!tree) return tree.error();
        for (const protocol::TreeChunk& chunk : (*tree)->chunks)
            chunks_used.insert(protocol::chunk_key(chunk.sha256));
    }
    return removed;
}

Result<TreeSweep::Swept> TreeSweep::run(const std::set<std::string>& used, WallTime now) {
    std::erase_if(noted_, [&](const auto& noted) { return noted.second + kNotedFor < now; });
    Swept swept;
    std::set<std::string> chunks_used;
    for (const char* prefix : {"trees/", "workdirs/"}) {
        const auto removed = sweep_trees(prefix, used, now, chunks_used);
        if (!removed) return removed.error();
        swept.trees += *removed;
    }
    const auto listed = objects_.list("chunks/", kListedMax);
    if (!listed) return listed.error();
    for (const ObjectInfo& info : *listed) {
        if (swept.chunks == kRemovedMax) break;
        if (chunks_used.contains(info.key) || !may_go(info, now)) continue;
        if (auto gone = objects_.remove(info.key); !gone) return gone.error();
        ++swept.chunks;
    }
    if (swept.trees + swept.chunks > 0) {
        log_info("storage.swept", {{"trees", std::to_string(swept.trees)},
                                   {"chunks", std::to_string(swept.chunks)}});
    }
    return swept;
}

}  // namespace herder::api
