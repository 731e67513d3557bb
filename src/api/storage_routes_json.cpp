// The artifact store as a whole: taking up again what it alone knows.
#include <algorithm>
#include <boost/json.hpp>

#include "api/artifact_scan.h"
#include "api/body_json.h"
#include "api/disk_work.h"
#include "api/routes.h"
#include "base/log.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kToldMax = 1000;

json::object answer_of(const ScanReport& report, const std::vector<JobId>& known) {
    json::array jobs;
    for (const input::FoundJob& found : report.jobs) {
        const bool is_known = std::find(known.begin(), known.end(), found.id) != known.end();
        jobs.push_back(json::object{{"id", to_text(found.id)},
                                    {"name", found.spec.name},
                                    {"checkpoints", found.checkpoints.size()},
                                    {"known", is_known}});
    }
    json::array skipped;
    for (const ScanSkip& skip : report.skipped) {
        if (skipped.size() == kToldMax) break;
        skipped.push_back(json::object{{"key", skip.key}, {"why", skip.why}});
    }
    return {{"jobs", std::move(jobs)}, {"skipped", std::move(skipped)}};
}

void take_up(EngineThread& engine, const ExchangePtr& exchange, ScanReport report, bool is_dry) {
    engine.read(
        [&engine, exchange, report = std::move(report), is_dry](const State& state, Instant) {
            std::vector<JobId> known;
            for (const input::FoundJob& found : report.jobs) {
                if (state.jobs.contains(found.id)) known.push_back(found.id);
            }
            Response response;
            response.body = json::serialize(answer_of(report, known));
            if (is_dry) return exchange->respond(std::move(response));
            input::JobsFound in;
            in.jobs = report.jobs;
            in.highest = report.highest;
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

}  // namespace

std::vector<Route> storage_routes() {
    return {{"POST", "/storage/rebuild", {}, rebuild}};
}

}  // namespace herder::api
