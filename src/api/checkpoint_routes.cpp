// A job's checkpoints: listed, shown, read.
#include <algorithm>
#include <charconv>
#include <functional>

#include "api/disk_work.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_json.h"
#include "core/step/steps.h"
#include "engine/artifact_runner.h"
#include "protocol/layout.h"

namespace herder::api {

namespace {

// By id, name, "latest" (what a job would go on from), or step: the newest committed of that step.
const Checkpoint* find_checkpoint(const State& state, JobId job, const std::string& text) {
    if (text == "latest") return resume_choice(state, job);
    const auto of_job = state.checkpoints_of.find(job);
    if (of_job == state.checkpoints_of.end()) return nullptr;
    std::int64_t step = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
    const bool is_step = error == std::errc() && end == text.data() + text.size();
    const Checkpoint* found = nullptr;
    for (const CheckpointId id : of_job->second) {
        const Checkpoint& one = state.checkpoints.at(id);
        if (to_text(id) == text || one.name == text) return &one;
        const bool is_it = is_step && one.step == step && one.state == CheckpointState::kCommitted;
        if (is_it && (found == nullptr || one.commit_seq > found->commit_seq)) found = &one;
    }
    return found;
}

void with_checkpoint(const Call& call,
                     std::function<void(const Call&, const State&, const Checkpoint&)> with) {
    with_job(call, [with](const Call& later, const State& state, Instant, JobId job) {
        const std::string& text = later.name("checkpoint");
        const Checkpoint* found = find_checkpoint(state, job, text);
        if (found != nullptr) return with(later, state, *found);
        Problem wrong(not_found("job " + to_text(job) + " has no checkpoint '" + text +
                                "'; write an id, a step or latest"));
        wrong.help = {"herder checkpoints ls " + to_text(job)};
        later.fail(wrong);
    });
}

void list(const Call& call) {
    QueryReader query(call.request);
    const Page page = read_page(query, 1000);
    if (!query.is_good()) return call.fail(query.problem());
    with_job(call, [page](const Call& later, const State& state, Instant, JobId job) {
        const Result<std::string> text = checkpoints_view(state, job, page);
        if (!text) return later.fail(text.error());
        later.json(200, *text);
    });
}

void show(const Call& call) {
    with_checkpoint(call, [](const Call& later, const State&, const Checkpoint& one) {
        later.json(200, checkpoint_view(one));
    });
}

void send_file(const Call& call) {
    with_checkpoint(call, [](const Call& later, const State& state, const Checkpoint& one) {
        const std::string& path = later.name("path");
        const auto file =
            std::find_if(one.files.begin(), one.files.end(),
                         [&path](const CheckpointFile& each) { return each.path == path; });
        if (one.state != CheckpointState::kCommitted || file == one.files.end()) {
            return later.fail(
                not_found("checkpoint " + one.name + " has no file '" + path + "' to read"));
        }
        const std::string& team = state.jobs.at(one.attempt.job).spec.team;
        const auto index = static_cast<std::size_t>(file - one.files.begin());
        const std::string key = protocol::checkpoint_key(team, one, object_name(index));
        const auto work = [parts = later.parts, &options = later.options, exchange = later.exchange,
                           key] { answer_bytes(parts, options, exchange, key); };
        if (!later.own.disk.run(work)) later.fail(too_much_work());
    });
}

}  // namespace

std::vector<Route> checkpoint_routes() {
    return {{"GET", "/jobs/{job}/checkpoints", {"limit", "cursor"}, list},
            {"GET", "/jobs/{job}/checkpoints/{checkpoint}", {}, show},
            {"GET", "/jobs/{job}/checkpoints/{checkpoint}/files/{path...}", {}, send_file}};
}

}  // namespace herder::api
