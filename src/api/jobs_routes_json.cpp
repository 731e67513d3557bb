// Submit, list, show, cancel, pause, resume.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <iterator>

#include "api/problem_json.h"
#include "api/routes.h"
#include "api/view_json.h"
#include "core/step/budget_use.h"
#include "protocol/spec_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

Result<std::size_t> page_size(const Request& request) {
    const std::string text = request.query_or("limit", "50");
    std::size_t limit = 0;
    const char* end = text.data() + text.size();
    if (const auto read = std::from_chars(text.data(), end, limit);
        read.ec != std::errc() || read.ptr != end) {
        return invalid("limit '" + text + "' is not a whole number");
    }
    return std::clamp<std::size_t>(limit, 1, 1000);
}

bool is_status(const std::string& text) {
    static constexpr const char* kNames[] = {"queued", "placing",   "running", "recovering",
                                             "paused", "succeeded", "failed",  "cancelled"};
    return std::find(std::begin(kNames), std::end(kNames), text) != std::end(kNames);
}

void list_jobs(const Call& call) {
    JobFilter filter;
    filter.status = call.request.query_or("status", "");
    filter.project = call.request.query_or("project", "");
    filter.with_ended = call.request.query_or("all", "true") != "false";
    const Result<std::size_t> limit = page_size(call.request);
    if (!limit) return call.fail(limit.error());
    filter.limit = *limit;
    if (!filter.status.empty() && !is_status(filter.status))
        return call.fail(invalid("there is no job status '" + filter.status + "'"));
    const std::string cursor = call.request.query_or("cursor", "");
    if (!cursor.empty()) {
        const Result<JobId> after = parse_id<JobTag>(cursor);
        if (!after) return call.fail(after.error().with_context("cursor"));
        filter.after = *after;
    }
    call.parts.engine.read([exchange = call.exchange, filter](const State& state, Instant now) {
        Response response;
        response.body = jobs_view(state, now, filter);
        exchange->respond(std::move(response));
    });
}

// Offers for every kind of machine that the job accepts, ranked as the core would rank them.
void answer_plan(const Call& call, JobSpec spec) {
    auto shared = std::make_shared<JobSpec>(std::move(spec));  // shared with the provider's thread
    call.parts.provider.run([exchange = call.exchange, parts = call.parts, shared,
                             wall = call.options.wall](Provider& provider) {
        std::vector<Offer> offers;
        for (const ResourceRequest& request : shared->any_of) {
            for (const bool interruptible : {true, false}) {
                if (request.market == (interruptible ? Market::kOnDemand : Market::kSpot)) continue;
                OfferQuery query;
                query.gpu_name = request.gpu_name;
                query.gpu_count = request.gpu_count;
                query.disk = request.disk;
                query.interruptible = interruptible;
                const Result<std::vector<Offer>> found = provider.search(query);
                if (!found) return exchange->respond(problem(found.error(), "/api/v1/jobs"));
                offers.insert(offers.end(), found->begin(), found->end());
            }
        }
        parts.engine.read(
            [exchange, offers = std::move(offers), shared, wall](const State& state, Instant now) {
                Avoidance avoid;
                avoid.machines = state.meta.avoided_machines;
                const Duration limit = shared->limits.max_duration;
                const Duration work = limit > Duration{} ? limit : hours(1);
                const Ranking ranking =
                    rank_offers(offers, *shared, avoid, work, now, SimpleExpectedPrice{});
                UsdPerHour price{};
                for (const ResourceRequest& request : shared->any_of)
                    price = std::max(price, request.price_max);
                if (!ranking.candidates.empty() && price.micros == 0)
                    price = ranking.candidates.front().price;
                const Usd worst = worst_case(price, *shared, Duration{}, Usd{});
                std::string objection;
                for (const BudgetSpec& budget : state.meta.budgets) {
                    if (!objection.empty() || !covers(budget, *shared)) continue;
                    const BudgetUse use = budget_use(state, budget, now, wall());
                    objection = find_objection(budget, use, worst, price).value_or("");
                }
                Response response;
                response.body = plan_view(ranking, worst, objection);
                exchange->respond(std::move(response));
            });
    });
}

void answer_submitted(const Parts& parts, const ExchangePtr& exchange,
                      const Result<ReplyBody>& body) {
    if (!body) return exchange->respond(problem(body.error(), "/api/v1/jobs"));
    const auto submitted = std::get<reply::Submitted>(*body);
    parts.engine.read([exchange, submitted](const State& state, Instant now) {
        Response response;
        response.status = submitted.existed ? 200 : 201;
        if (submitted.existed) response.headers.emplace_back("Idempotent-Replayed", "true");
        response.body = job_view(state, now, submitted.job, false);
        exchange->respond(std::move(response));
    });
}

void submit(const Call& call) {
    boost::system::error_code error;
    const json::value body = json::parse(call.request.body, error);
    if (error || !body.is_object() || !body.as_object().contains("spec")) {
        return call.fail(invalid("the body is not a JSON object with a field 'spec'"));
    }
    Result<JobSpec> spec = protocol::parse_job_spec(json::serialize(body.as_object().at("spec")));
    if (!spec) return call.fail(spec.error().with_context("spec"));
    const json::value* dry = body.as_object().if_contains("dry_run");
    if (dry != nullptr && dry->is_bool() && dry->as_bool())
        return answer_plan(call, std::move(*spec));
    input::SubmitJob in;
    in.spec = std::move(*spec);
    in.client_key = call.request.idempotency_key;
    in.actor = "api";
    call.parts.engine.ask(std::move(in),
                          [parts = call.parts, exchange = call.exchange](Result<ReplyBody> reply) {
                              answer_submitted(parts, exchange, reply);
                          });
}

void change(const Call& call, input::JobVerb verb) {
    with_job(call, call.path.at(1), [verb](const Call& later, const State&, Instant, JobId job) {
        input::ChangeJob in;
        in.job = job;
        in.verb = verb;
        in.actor = "api";
        auto on_reply = [parts = later.parts, exchange = later.exchange, job,
                         path = later.request.path](Result<ReplyBody> reply) {
            if (!reply) return exchange->respond(problem(reply.error(), path));
            parts.engine.read([exchange, job](const State& state, Instant now) {
                Response response;
                response.body = job_view(state, now, job, false);
                exchange->respond(std::move(response));
            });
        };
        later.parts.engine.ask(std::move(in), std::move(on_reply));
    });
}

void show(const Call& call) {
    with_job(call, call.path.at(1),
             [](const Call& later, const State& state, Instant now, JobId job) {
                 json::value view = json::parse(job_view(state, now, job, true));
                 view.as_object()["spec"] = json::parse(protocol::to_json(state.jobs.at(job).spec));
                 later.json(200, json::serialize(view));
             });
}

}  // namespace

bool route_jobs(const Call& call) {
    if (call.path.at(0) != "jobs" || call.path.size() > 3) return false;
    const std::string& method = call.request.method;
    if (call.path.size() == 1) {
        if (method == "GET") return list_jobs(call), true;
        if (method == "POST") return submit(call), true;
        return false;
    }
    if (call.path.size() == 2) return method == "GET" ? (show(call), true) : false;
    if (method != "POST") return false;
    const std::string& verb = call.path.at(2);
    if (verb == "cancel") return change(call, input::JobVerb::kCancel), true;
    if (verb == "pause") return change(call, input::JobVerb::kPause), true;
    if (verb == "resume") return change(call, input::JobVerb::kResume), true;
    return false;
}

}  // namespace herder::api
