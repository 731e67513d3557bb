// Submit, list, show, cancel, pause, resume.
#include <algorithm>
#include <boost/json.hpp>

#include "api/body_json.h"
#include "api/disk_work.h"
#include "api/first_job.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/tree_sweep.h"
#include "api/view_json.h"
#include "base/confined_path.h"
#include "core/step/budget_use.h"
#include "protocol/layout.h"
#include "protocol/listing_json.h"
#include "protocol/spec_json.h"
#include "protocol/tree_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kKeyMax = 255;

void list_jobs(const Call& call) {
    QueryReader query(call.request);
    JobFilter filter;
    filter.status = query.word("status", "",
                               {"queued", "placing", "running", "recovering", "paused", "succeeded",
                                "failed", "cancelled"});
    filter.project = query.text("project");
    filter.with_ended = query.flag("all", true);
    const Page page = read_page(query, 50);
    filter.limit = page.limit;
    if (!page.cursor.empty()) {
        const Result<JobId> after = parse_id<JobTag>(page.cursor);
        if (after)
            filter.after = *after;
        else
            query.complain("cursor", "cursor '" + page.cursor + "' is not one of this list");
    }
    if (!query.is_good()) return call.fail(query.problem());
    call.parts.engine.read([exchange = call.exchange, filter](const State& state, Instant now) {
        Response response;
        response.body = jobs_view(state, now, filter);
        exchange->respond(std::move(response));
    });
}

// Offers for every kind of machine that the job accepts, ranked as the core would rank them.
void answer_plan(const Call& call, JobSpec spec) {
    auto shared = std::make_shared<JobSpec>(std::move(spec));  // shared with the provider's thread
    ask_provider(call, [exchange = call.exchange, parts = call.parts, shared,
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
                query.in_person = true;
                const Result<std::vector<Offer>> found = provider.search(query);
                if (!found) return refuse(exchange, found.error());
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
                for (const std::size_t i : budgets_of(state.meta.budgets, *shared)) {
                    if (!objection.empty()) continue;
                    const BudgetSpec& budget = state.meta.budgets[i];
                    const BudgetUse use = budget_use(state, budget, now, wall());
                    objection = find_objection(budget, use, worst, price).value_or("");
                }
                Response response;
                response.body = plan_view(ranking, worst, objection);
                exchange->respond(std::move(response));
            });
    });
}

Problem other_request(const std::string& key, JobId job) {
    return Error{ErrorCode::kConflict,
                 "the Idempotency-Key '" + key + "' belongs to another request: it submitted " +
                     to_text(job) + ", whose spec differs; send a new key with a new job"};
}

void answer_submitted(const Parts& parts, const ExchangePtr& exchange, const input::SubmitJob& in,
                      const Result<ReplyBody>& body) {
    if (!body) {
        Problem wrong(body.error());
        if (wrong.error.code == ErrorCode::kBudgetExceeded) wrong.help = {"herder budget ls"};
        return refuse(exchange, wrong);
    }
    const auto submitted = std::get<reply::Submitted>(*body);
    parts.engine.read([exchange, submitted, in](const State& state, Instant now) {
        // The job keeps its spec and its key for ever, so this holds over restarts.
        if (submitted.existed && state.jobs.at(submitted.job).spec != in.spec)
            return refuse(exchange, other_request(in.client_key, submitted.job));
        Response response;
        response.status = submitted.existed ? 200 : 201;
        if (submitted.existed) response.headers.emplace_back("Idempotent-Replayed", "true");
        response.headers.emplace_back("Location", "/api/v1/jobs/" + to_text(submitted.job));
        response.body = job_view(state, now, submitted.job, false);
        exchange->respond(std::move(response));
    });
}

// The spec of a submit, whole: what would be passed over in silence is refused by name.
std::optional<JobSpec> read_spec(const json::object& body, const std::string& own_context,
                                 BodyReader& reader) {
    const json::value* said = body.if_contains("spec");
    if (said == nullptr || !said->is_object()) {
        reader.complain("/spec", "the body has no object 'spec'");
        return std::nullopt;
    }
    Result<JobSpec> spec = protocol::parse_job_spec(json::serialize(*said));
    if (!spec) {
        reader.complain("/spec", spec.error().with_context("spec").message);
        return std::nullopt;
    }
    reader.check_understood(*said, json::parse(protocol::to_json(*spec)), "/spec");
    if (spec->context != JobSpec{}.context && spec->context != own_context) {
        reader.complain("/spec/context", "the job is for the context '" + spec->context +
                                             "', and this server is '" + own_context + "'");
    }
    spec->context = own_context;
    if (spec->run.empty()) reader.complain("/spec/run", "the job has nothing to run");
    if (spec->any_of.empty()) reader.complain("/spec/any_of", "the job accepts no machine");
    return std::move(*spec);
}

// A job that names what is not stored would rent a machine to learn that.
void check_secrets(const JobSpec& spec, SecretStore& store, BodyReader& reader) {
    for (std::size_t i = 0; i < spec.secrets.size(); ++i) {
        const SecretUse& use = spec.secrets[i];
        const std::string pointer = "/spec/secrets/" + std::to_string(i);
        if (!is_secret_name(use.name)) {
            reader.complain(pointer, "'" + use.name + "' cannot name a secret's file");
        } else if (!store.has(use.stored_as)) {
            reader.complain(pointer, "there is no secret '" + use.stored_as +
                                         "'; store it with: herder secrets set " + use.stored_as);
        }
    }
}

bool is_archive_key(const std::string& key) {
    constexpr std::size_t kHashAt = sizeof("workdirs/") - 1;
    return key.size() > kHashAt + 64 && protocol::is_sha256(key.substr(kHashAt, 64)) &&
           key == protocol::workdir_key(key.substr(kHashAt, 64));
}

// A machine is given a signed URL for what a spec names here: only for what may be named.
void check_data(const JobSpec& spec, BodyReader& reader) {
    const std::string& folder = spec.workdir_object;
    if (!folder.empty() && protocol::tree_of_key(folder).empty() && !is_archive_key(folder)) {
        reader.complain("/spec/workdir_object",
                        "'" + folder + "' is no 'object' of an uploaded work folder");
    }
    for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
        const DataInput& input = spec.inputs[i];
        const std::string pointer = "/spec/inputs/" + std::to_string(i);
        const int sources = (input.tree.empty() ? 0 : 1) + (input.object.empty() ? 0 : 1) +
                            (input.url.empty() ? 0 : 1);
        const std::string path = input.object.substr(input.object.find('/') + 1);
        if (input.target.empty() || sources != 1) {
            reader.complain(pointer, "an input has a target and one of tree, object and url");
        } else if (!input.tree.empty() && protocol::tree_of_key(input.tree).empty() &&
                   protocol::listing_of_key(input.tree).empty()) {
            reader.complain(pointer + "/tree", "'" + input.tree + "' is no uploaded tree");
        } else if (!input.object.empty() && !is_confined_path(path)) {
            reader.complain(pointer + "/object", "'" + input.object + "' is no output of a job");
        }
    }
}

// The folders that a spec names, by their keys.
std::vector<std::string> folders_of(const JobSpec& spec) {
    std::vector<std::string> keys;
    if (!spec.workdir_object.empty()) keys.push_back(spec.workdir_object);
    for (const DataInput& input : spec.inputs) {
        if (!input.tree.empty()) keys.push_back(input.tree);
    }
    return keys;
}

void ask_submit(const Parts& parts, const ExchangePtr& exchange, const input::SubmitJob& in) {
    parts.engine.ask(in, [parts, exchange, in](Result<ReplyBody> reply) {
        answer_submitted(parts, exchange, in, reply);
    });
}

// A submit that is repeated is answered as it was, whatever has become of its folders since.
void refuse_without(const std::string& key, const Parts& parts, const ExchangePtr& exchange,
                    const input::SubmitJob& in) {
    parts.engine.read([key, parts, exchange, in](const State& state, Instant) {
        if (state.by_client_key.contains({in.spec.team, in.client_key}))
            return ask_submit(parts, exchange, in);
        refuse(exchange, not_found("the folder '" + key +
                                   "' that the job names is not stored (what no job needed for a "
                                   "week was deleted); send it again"));
    });
}

Status has_object(ObjectStore& objects, const std::string& key) {
    const Result<ObjectInfo> found = objects.head(key);
    return found ? ok() : Status(found.error());
}

// What was swept a moment ago must not be promised to a job; what is there stays for a day from
// now on. On the files' thread, as the sweep is.
void submit_with_folders(const Parts& parts, const Own& own, const Options& options,
                         const ExchangePtr& exchange, const input::SubmitJob& in) {
    const auto look = [parts, &sweep = own.sweep, &options, exchange, in] {
        for (const std::string& key : folders_of(in.spec)) {
            const Status there = sweep.is_noted(key) ? ok() : has_object(parts.objects, key);
            if (!there && there.error().code == ErrorCode::kNotFound)
                return refuse_without(key, parts, exchange, in);
            if (!there) return refuse(exchange, there.error());
            sweep.note(key, options.wall());
        }
        ask_submit(parts, exchange, in);
    };
    if (!own.disk.run(look)) refuse(exchange, too_much_work());
}

void submit(const Call& call) {
    BodyReader reader;
    const std::optional<json::object> body = reader.parse(call.request.body);
    if (!body) return call.fail(reader.problem());
    reader.check_keys(*body, "", {"spec", "dry_run"});
    const bool is_dry = reader.flag(*body, "", "dry_run");
    std::optional<JobSpec> spec = read_spec(*body, call.options.context, reader);
    if (spec) check_secrets(*spec, call.parts.secrets, reader);
    if (spec) check_data(*spec, reader);
    if (call.request.idempotency_key.size() > kKeyMax) {
        reader.complain(
            "", "the Idempotency-Key is longer than " + std::to_string(kKeyMax) + " characters");
    }
    if (!spec || !reader.is_good()) return call.fail(reader.problem());
    if (is_dry) return answer_plan(call, std::move(*spec));
    input::SubmitJob in;
    in.spec = std::move(*spec);
    in.client_key = call.request.idempotency_key;
    in.actor = "api";
    const auto go_on = [parts = call.parts, &own = call.own, &options = call.options,
                        exchange = call.exchange, in = std::move(in)] {
        if (folders_of(in.spec).empty()) return ask_submit(parts, exchange, in);
        submit_with_folders(parts, own, options, exchange, in);
    };
    call.own.first_job.admit(call.parts, call.own.disk, call.exchange, go_on);
}

template <input::JobVerb kVerb>
void change(const Call& call) {
    with_job(call, [](const Call& later, const State&, Instant, JobId job) {
        input::ChangeJob in;
        in.job = job;
        in.verb = kVerb;
        in.actor = "api";
        auto on_reply = [parts = later.parts, exchange = later.exchange,
                         job](Result<ReplyBody> reply) {
            if (!reply) return refuse(exchange, reply.error());
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
    with_job(call, [](const Call& later, const State& state, Instant now, JobId job) {
        json::value view = json::parse(job_view(state, now, job, true));
        view.as_object()["spec"] = json::parse(protocol::to_json(state.jobs.at(job).spec));
        later.json(200, json::serialize(view));
    });
}

}  // namespace

std::vector<Route> job_routes() {
    return {{"GET", "/jobs", {"status", "project", "all", "limit", "cursor"}, list_jobs},
            {"POST", "/jobs", {}, submit},
            {"GET", "/jobs/{job}", {}, show},
            {"POST", "/jobs/{job}/cancel", {}, change<input::JobVerb::kCancel>},
            {"POST", "/jobs/{job}/pause", {}, change<input::JobVerb::kPause>},
            {"POST", "/jobs/{job}/resume", {}, change<input::JobVerb::kResume>}};
}

}  // namespace herder::api
