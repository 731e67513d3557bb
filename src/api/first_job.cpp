#include "api/first_job.h"

#include <algorithm>

#include "api/disk_work.h"
#include "api/routes.h"
#include "protocol/layout.h"

namespace herder::api {

namespace {

constexpr std::size_t kLookedAt = 1000;

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

}  // namespace

void FirstJob::admit(const Parts& parts, DiskWork& disk, const ExchangePtr& exchange,
                     std::function<void()> go_on) {
    if (is_past_) return go_on();
    parts.engine.read([this, &objects = parts.objects, &disk, exchange, go_on = std::move(go_on)](
                          const State& state, Instant) {
        if (state.meta.next_job > 1) {
            is_past_ = true;
            return go_on();
        }
        const bool is_taken =
            disk.run([&objects, exchange, go_on] { look_into_store(objects, exchange, go_on); });
        if (!is_taken) refuse(exchange, too_much_work());
    });
}

}  // namespace herder::api
