// A job's checkpoints: listed, shown, read, pinned, marked, deleted.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <functional>

#include "api/body_json.h"
#include "api/disk_work.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_json.h"
#include "core/step/steps.h"
#include "engine/artifact_runner.h"
#include "protocol/layout.h"

namespace herder::api {

namespace json = boost::json;

namespace {

bool is_nearer(const Checkpoint& one, const Checkpoint& other) {
    const bool is_committed = one.state == CheckpointState::kCommitted;
    if (is_committed != (other.state == CheckpointState::kCommitted)) return is_committed;
    return one.commit_seq > other.commit_seq;
}

// By id, name, "latest" (what a job would go on from), or step: the newest committed of that step,
// and where there is none the newest of those that are listed.
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
        if (is_step && one.step == step && (found == nullptr || is_nearer(one, *found)))
            found = &one;
    }
    return found;
}

void with_checkpoint(
    const Call& call,
    const std::function<void(const Call&, const State&, const Checkpoint&)>& with) {
    with_job(call, [with](const Call& later, const State& state, Instant, JobId job) {
        const std::string& text = later.name("checkpoint");
        const Checkpoint* found = find_checkpoint(state, job, text);
        if (found != nullptr) return with(later, state, *found);
        Problem wrong(not_found(text == "latest"
                                    ? "job " + to_text(job) +
                                          " has no checkpoint yet that it could go on from"
                                    : "job " + to_text(job) + " has no checkpoint '" + text +
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
    QueryReader query(call.request);
    const bool is_link = query.flag("link", false);
    if (!query.is_good()) return call.fail(query.problem());
    with_checkpoint(call, [is_link](const Call& later, const State& state, const Checkpoint& one) {
        const std::string& path = later.name("path");
        const auto file =
            std::find_if(one.files.begin(), one.files.end(),
                         [&path](const CheckpointFile& each) { return each.path == path; });
        if (one.state != CheckpointState::kCommitted) {
            return later.fail(not_found("checkpoint " + to_text(one.id) + " is " +
                                        to_string(one.state) + ": its files are not to be had"));
        }
        if (file == one.files.end()) {
            return later.fail(
                not_found("checkpoint " + one.name + " has no file '" + path + "' to read"));
        }
        const std::string& team = state.jobs.at(one.attempt.job).spec.team;
        const auto index = static_cast<std::size_t>(file - one.files.begin());
        const std::string key = protocol::checkpoint_key(team, one, object_name(index));
        const auto work = [parts = later.parts, &options = later.options, exchange = later.exchange,
                           key, is_link] { answer_bytes(parts, options, exchange, key, is_link); };
        if (!later.own.disk.run(work)) later.fail(too_much_work());
    });
}

// Sends the change to the engine; answers with the checkpoint as it is then.
void change(const Call& call, const Checkpoint& one, input::CheckpointVerb verb,
            const std::string& detail = "") {
    input::ChangeCheckpoint in;
    in.checkpoint = one.id;
    in.verb = verb;
    in.detail = detail;
    in.actor = "api";
    auto on_reply = [parts = call.parts, exchange = call.exchange,
                     id = one.id](Result<ReplyBody> reply) {
        if (!reply) return refuse(exchange, reply.error());
        parts.engine.read([exchange, id](const State& state, Instant) {
            Response response;
            response.body = checkpoint_view(state.checkpoints.at(id));
            exchange->respond(std::move(response));
        });
    };
    call.parts.engine.ask(std::move(in), std::move(on_reply));
}

template <input::CheckpointVerb kVerb>
void change_as_asked(const Call& call) {
    with_checkpoint(call, [](const Call& later, const State&, const Checkpoint& one) {
        change(later, one, kVerb);
    });
}

void mark_damaged(const Call& call) {
    BodyReader reader;
    const std::optional<json::object> body = reader.parse(call.request.body);
    if (!body) return call.fail(reader.problem());
    reader.check_keys(*body, "", {"why"});
    const std::string why = reader.text(*body, "", "why").substr(0, 500);
    if (reader.is_good() && why.empty())
        reader.complain("/why", "the body does not say why it is damaged");
    if (!reader.is_good()) return call.fail(reader.problem());
    with_checkpoint(call, [why](const Call& later, const State&, const Checkpoint& one) {
        change(later, one, input::CheckpointVerb::kDamaged, why);
    });
}

// What retention would retire now, by the job's rules or with another number of newest ones; a dry
// run: whoever wants them gone deletes them one by one.
void plan_collection(const Call& call) {
    QueryReader query(call.request);
    const int keep = static_cast<int>(query.number("keep_last", 0, 0, 100'000));
    if (!query.is_good()) return call.fail(query.problem());
    with_job(call, [keep](const Call& later, const State& state, Instant, JobId job) {
        CheckpointSpec rules = state.jobs.at(job).spec.checkpoint;
        if (keep > 0) rules.keep_last = keep;
        json::array items;
        for (const CheckpointId id : retention_choice(state, job, rules))
            items.push_back(json::parse(checkpoint_view(state.checkpoints.at(id))));
        later.json(200, json::serialize(json::object{{"items", std::move(items)}}));
    });
}

}  // namespace

std::vector<Route> checkpoint_routes() {
    using input::CheckpointVerb;
    return {{"GET", "/jobs/{job}/checkpoints", {"limit", "cursor"}, list},
            {"GET", "/jobs/{job}/collectable-checkpoints", {"keep_last"}, plan_collection},
            {"GET", "/jobs/{job}/checkpoints/{checkpoint}", {}, show},
            {"DELETE",
             "/jobs/{job}/checkpoints/{checkpoint}",
             {},
             change_as_asked<CheckpointVerb::kRemove>},
            {"GET", "/jobs/{job}/checkpoints/{checkpoint}/files/{path...}", {"link"}, send_file},
            {"POST",
             "/jobs/{job}/checkpoints/{checkpoint}/pin",
             {},
             change_as_asked<CheckpointVerb::kPin>},
            {"POST",
             "/jobs/{job}/checkpoints/{checkpoint}/unpin",
             {},
             change_as_asked<CheckpointVerb::kUnpin>},
            {"POST",
             "/jobs/{job}/checkpoints/{checkpoint}/verified",
             {},
             change_as_asked<CheckpointVerb::kVerified>},
            {"POST", "/jobs/{job}/checkpoints/{checkpoint}/damaged", {}, mark_damaged}};
}

}  // namespace herder::api
