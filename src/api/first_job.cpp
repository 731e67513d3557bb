#include "api/first_job.h"

#include <algorithm>
#include <set>

#include "api/disk_work.h"
#include "api/routes.h"
#include "base/log.h"
#include "protocol/layout.h"

namespace herder::api {

namespace {

constexpr std::size_t kLookedAt = 1000;
// Jobs may have left nothing: so many numbers without a trace are taken for the end.
constexpr std::uint64_t kGapMax = 8;
constexpr std::size_t kTeamsMax = 20;

void look_into_store(ObjectStore& objects, const ExchangePtr& exchange,
                     const std::function<void()>& go_on) {
    const auto found = objects.list(protocol::kRunsPrefix, kLookedAt);
    if (!found)
        return refuse(exchange, found.error().with_context("whether the storage holds older jobs"));
    const auto run = std::find_if(found->begin(), found->end(), [](const ObjectInfo& object) {
        return protocol::job_of_key(object.key) != JobId{};
    });
    if (run == found->end() && found->size() < kLookedAt) return go_on();
    const std::string key = run == found->end() ? found->front().key : run->key;
    Problem taken(Error{ErrorCode::kConflict,
                        "the storage holds jobs that this server's database does not know (" + key +
                            " ...), and a new job would get the number of one of them; take them "
                            "up first, or start a server with another storage or prefix"});
    taken.help = {"herder storage rebuild --dry-run", "herder storage rebuild"};
    refuse(exchange, taken);
}

// The highest number from `next` on under which one of the teams has anything there. A store that
// does not answer is no reason to wait: each attempt looks at its own job before it begins.
JobId find_taken(ObjectStore& objects, const std::set<std::string>& teams, std::uint64_t next) {
    JobId highest;
    for (std::uint64_t gap = 0; gap < kGapMax; ++gap, ++next) {
        for (const std::string& team : teams) {
            const auto found = objects.list(protocol::run_prefix(team, JobId{next}), 1);
            if (!found) return highest;
            if (found->empty()) continue;
            highest = JobId{next};
            gap = 0;
        }
    }
    return highest;
}

std::set<std::string> teams_of(const State& state) {
    std::set<std::string> teams;
    for (const auto& [id, job] : state.jobs) {
        if (teams.size() < kTeamsMax) teams.insert(job.spec.team);
    }
    return teams;
}

void pass_over_taken(const Parts& parts, const std::set<std::string>& teams, std::uint64_t next,
                     const std::function<void()>& go_on) {
    const JobId highest = find_taken(parts.objects, teams, next);
    if (!highest) return go_on();
    log_warn("storage.ahead", {{"from", to_text(JobId{next})},
                               {"to", to_text(highest)},
                               {"next", "herder storage rebuild"}});
    input::JobsFound in;
    in.highest = highest;
    in.actor = "api";
    parts.engine.ask(std::move(in), [go_on](const Result<ReplyBody>&) { go_on(); });
}

}  // namespace

void FirstJob::admit(const Parts& parts, DiskWork& disk, const ExchangePtr& exchange,
                     std::function<void()> go_on) {
    if (is_past_) return go_on();
    parts.engine.read(
        [this, parts, &disk, exchange, go_on = std::move(go_on)](const State& state, Instant) {
            const std::uint64_t next = state.meta.next_job;
            const auto work = [this, parts, exchange, go_on, next, teams = teams_of(state)] {
                // Those that waited behind the first need not look as well.
                if (is_past_) return go_on();
                if (next == 1) return look_into_store(parts.objects, exchange, go_on);
                pass_over_taken(parts, teams, next, [this, go_on] {
                    is_past_ = true;
                    go_on();
                });
            };
            if (!disk.run(work)) refuse(exchange, too_much_work());
        });
}

}  // namespace herder::api
