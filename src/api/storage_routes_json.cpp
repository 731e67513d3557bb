// The artifact store as a whole: taking up again what it alone knows, and what waits to go.
#include <algorithm>
#include <boost/json.hpp>

#include "api/artifact_scan.h"
#include "api/body_json.h"
#include "api/disk_work.h"
#include "api/routes.h"
#include "base/log.h"
#include "core/step/steps.h"
#include "protocol/layout.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kToldMax = 1000;
constexpr std::size_t kDeletionsToldMax = 100;

// How many of its checkpoints only the store knows. Those of a job that runs are not taken up.
std::size_t count_newer(const State& state, const input::FoundJob& found) {
    const auto job = state.jobs.find(found.id);
    if (job == state.jobs.end() || is_active(job->second.phase)) return 0;
    std::vector<std::string> names;
    for (const Checkpoint& one : found.checkpoints)
        names.push_back(one.name);
    return newer_names(state, found.id, names).size();
}

json::object answer_of(const State& state, const ScanReport& report) {
    json::array jobs;
    for (const input::FoundJob& found : report.jobs) {
        jobs.push_back(json::object{{"id", to_text(found.id)},
                                    {"name", found.spec.name},
                                    {"checkpoints", found.checkpoints.size()},
                                    {"known", state.jobs.contains(found.id)},
                                    {"newer_checkpoints", count_newer(state, found)}});
    }
    json::array skipped;
    for (const ScanSkip& skip : report.skipped) {
        if (skipped.size() == kToldMax) break;
        skipped.push_back(json::object{{"key", skip.key}, {"why", skip.why}});
    }
    return {{"jobs", std::move(jobs)}, {"skipped", std::move(skipped)}};
}

// So that nobody waits for one that cannot be had: it is known, and is none.
void add_skipped(const std::vector<ScanSkip>& skipped, std::vector<input::FoundJob>& jobs) {
    for (const ScanSkip& skip : skipped) {
        const auto name = parse_checkpoint_name(skip.checkpoint);
        const auto job = std::find_if(jobs.begin(), jobs.end(), [&](const input::FoundJob& one) {
            return one.id == protocol::job_of_key(skip.key);
        });
        if (!name || job == jobs.end()) continue;
        Checkpoint damaged;
        damaged.id = name->id;
        damaged.attempt = {job->id, name->fence};
        damaged.step = name->step;
        damaged.name = skip.checkpoint;
        damaged.quarantined = true;
        job->checkpoints.push_back(std::move(damaged));
    }
}

void take_up(EngineThread& engine, const ExchangePtr& exchange, ScanReport report, bool is_dry) {
    engine.read(
        [&engine, exchange, report = std::move(report), is_dry](const State& state, Instant) {
            Response response;
            response.body = json::serialize(answer_of(state, report));
            if (is_dry) return exchange->respond(std::move(response));
            input::JobsFound in;
            in.jobs = report.jobs;
            add_skipped(report.skipped, in.jobs);
            in.highest = report.highest;
            in.highest_checkpoint = report.highest_checkpoint;
            in.actor = "api";
            engine.ask(std::move(in), [exchange, response](const Result<ReplyBody>& reply) {
                if (!reply) return refuse(exchange, reply.error());
                exchange->respond(Response(response));
            });
        });
}

void rebuild(const Call& call) {
    BodyReader reader;
    const std::optional<json::object> body = reader.parse(call.request.body);
    if (!body) return call.fail(reader.problem());
    reader.check_keys(*body, "", {"dry_run", "trusts_all"});
    const bool is_dry = reader.flag(*body, "", "dry_run");
    const bool trusts_all = reader.flag(*body, "", "trusts_all");
    if (!reader.is_good()) return call.fail(reader.problem());
    const auto work = [&engine = call.parts.engine, &objects = call.parts.objects,
                       &options = call.options, exchange = call.exchange, is_dry, trusts_all] {
        auto report = scan_artifacts(objects, options.mac_key, trusts_all);
        if (!report) return refuse(exchange, report.error());
        log_info("storage.scanned", {{"jobs", std::to_string(report->jobs.size())},
                                     {"skipped", std::to_string(report->skipped.size())}});
        take_up(engine, exchange, std::move(*report), is_dry);
    };
    if (!call.own.disk.run(work)) call.fail(too_much_work());
}

json::object logs_of(const std::vector<DeniedLogs>& denied) {
    json::array items;
    for (const DeniedLogs& one : denied) {
        if (items.size() == kDeletionsToldMax) break;
        items.push_back(
            json::object{{"job", to_text(one.job)}, {"tries", one.tries}, {"why", one.why}});
    }
    return {{"denied", denied.size()}, {"items", std::move(items)}};
}

void deletions(const Call& call) {
    std::vector<DeniedLogs> logs;
    if (call.options.denied_logs) logs = call.options.denied_logs();
    call.parts.engine.read([call, logs = std::move(logs)](const State& state, Instant) {
        std::size_t waiting = 0;
        std::size_t denied = 0;
        json::array items;
        for (const CheckpointId id : state.open_checkpoints) {
            const Checkpoint& one = state.checkpoints.at(id);
            if (!awaits_deletion(one)) continue;
            ++waiting;
            if (one.denied_since == Instant{}) continue;
            ++denied;
            if (items.size() == kDeletionsToldMax) continue;
            items.push_back(json::object{{"job", to_text(one.attempt.job)},
                                         {"checkpoint", to_text(id)},
                                         {"name", one.name},
                                         {"tries", one.asks},
                                         {"why", one.trouble}});
        }
        call.json(200, json::serialize(json::object{{"waiting", waiting},
                                                    {"denied", denied},
                                                    {"items", std::move(items)},
                                                    {"logs", logs_of(logs)}}));
    });
}

}  // namespace

std::vector<Route> storage_routes() {
    return {{"GET", "/storage/deletions", {}, deletions},
            {"POST", "/storage/rebuild", {}, rebuild}};
}

}  // namespace herder::api
