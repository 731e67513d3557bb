#include "api/tree_sweep.h"

#include <algorithm>
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
// Of one slice: others wait for this thread.
constexpr std::size_t kTreesPerSlice = 100;
constexpr std::size_t kRemovedMax = 500;
constexpr unsigned kShards = 256;

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

void TreeSweep::begin(std::set<std::string> used, WallTime now) {
    std::erase_if(noted_, [&](const auto& noted) { return noted.second + kNotedFor < now; });
    round_ = Round{};
    round_.used = std::move(used);
    is_sweeping_ = true;
}

Status TreeSweep::list_trees() {
    round_.trees.emplace();
    for (const char* prefix : {"trees/", "workdirs/"}) {
        const auto listed = objects_.list(prefix, kListedMax);
        if (!listed) return listed.error();
        round_.trees->insert(round_.trees->end(), listed->begin(), listed->end());
    }
    return ok();
}

Status TreeSweep::sweep_trees(WallTime now) {
    const std::vector<ObjectInfo>& all = *round_.trees;
    const std::size_t end = std::min(all.size(), round_.next_tree + kTreesPerSlice);
    for (; round_.next_tree < end; ++round_.next_tree) {
        const ObjectInfo& info = all[round_.next_tree];
        if (!round_.used.contains(info.key) && may_go(info, now)) {
            if (auto gone = objects_.remove(info.key); !gone) return gone.error();
            ++round_.swept.trees;
            continue;
        }
        if (protocol::tree_of_key(info.key).empty()) continue;
        const auto tree = trees_.get(info.key);
        // Without all trees nobody knows which pieces are needed.
        if (!tree) return tree.error();
        for (const protocol::TreeChunk& chunk : (*tree)->chunks)
            round_.chunks_used.insert(protocol::chunk_key(chunk.sha256));
    }
    return ok();
}

// Pieces lie in folders by the first two digits of their names.
Status TreeSweep::sweep_chunks(WallTime now) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string prefix = "chunks/";
    prefix.append({kDigits[round_.next_shard / 16], kDigits[round_.next_shard % 16], '/'});
    ++round_.next_shard;
    const auto listed = objects_.list(prefix, kListedMax);
    if (!listed) return listed.error();
    std::size_t removed = 0;
    for (const ObjectInfo& info : *listed) {
        if (removed == kRemovedMax) break;
        if (round_.chunks_used.contains(info.key) || !may_go(info, now)) continue;
        if (auto gone = objects_.remove(info.key); !gone) return gone.error();
        ++removed;
    }
    round_.swept.chunks += removed;
    return ok();
}

Result<std::optional<TreeSweep::Swept>> TreeSweep::step(WallTime now) {
    if (!is_sweeping_) return std::optional<Swept>(Swept{});
    const bool has_trees = round_.trees && round_.next_tree < round_.trees->size();
    const Status done = !round_.trees ? list_trees()
                        : has_trees   ? sweep_trees(now)
                                      : sweep_chunks(now);
    if (!done) {
        is_sweeping_ = false;
        return done.error();
    }
    if (round_.next_shard < kShards) return std::optional<Swept>();
    const Swept swept = round_.swept;
    is_sweeping_ = false;
    if (swept.trees + swept.chunks > 0) {
        log_info("storage.swept", {{"trees", std::to_string(swept.trees)},
                                   {"chunks", std::to_string(swept.chunks)}});
    }
    return std::optional<Swept>(swept);
}

}  // namespace herder::api
