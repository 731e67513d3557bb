#include "api/api.h"

#include <atomic>

#include "api/disk_work.h"
#include "api/file_hashes.h"
#include "api/first_job.h"
#include "api/follower.h"
#include "api/output_listings.h"
#include "api/problem_json.h"
#include "api/router.h"
#include "api/tree_sweep.h"
#include "api/view_json.h"
#include "base/digest.h"

namespace herder::api {

void Call::fail(const Problem& problem) const {
    refuse(exchange, problem);
}

void Call::json(int status, std::string body) const {
    Response response;
    response.status = status;
    response.body = std::move(body);
    exchange->respond(std::move(response));
}

const std::string& Call::name(std::string_view part) const {
    return names.find(part)->second;
}

void with_job(const Call& call,
              std::function<void(const Call&, const State&, Instant, JobId)> with) {
    // The request outlives this function's caller: it is moved along with the exchange.
    auto request = std::make_shared<Request>(std::move(call.request));  // shared with the reader
    call.parts.engine.read([parts = call.parts, &options = call.options, &own = call.own, request,
                            exchange = call.exchange, names = call.names,
                            with](const State& state, Instant now) {
        const Call later{parts, options, own, *request, exchange, names};
        const Result<JobId> job = find_job(state, later.name("job"));
        if (!job) {
            Problem problem(job.error());
            problem.help = {"herder jobs -a"};
            return later.fail(problem);
        }
        with(later, state, now, *job);
    });
}

void ask_provider(const Asker& asker, ProviderRunner::Task task) {
    const std::string host = asker.peer.substr(0, asker.peer.rfind(':'));
    if (asker.provider.run(host, std::move(task))) return;
    refuse(asker.exchange,
           Error{ErrorCode::kRateLimited,
                 "too many requests wait for the provider already; try again in a minute"});
}

void ask_provider(const Call& call, ProviderRunner::Task task) {
    ask_provider(Asker{call.parts.provider, call.exchange, call.request.peer}, std::move(task));
}

Problem too_much_work() {
    return Error{ErrorCode::kRateLimited,
                 "too many requests for files wait already; try again in a moment"};
}

std::vector<Route> all_routes() {
    std::vector<Route> all;
    for (const auto& group :
         {meta_routes(), job_routes(), stream_routes(), log_routes(), metric_routes(),
          checkpoint_routes(), output_routes(), market_routes(), machine_routes(), money_routes(),
          workdir_routes(), tree_routes(), data_routes(), secret_routes(), storage_routes()})
        all.insert(all.end(), group.begin(), group.end());
    return all;
}

struct Api::Impl {
    explicit Impl(const Parts& parts) : sweep(parts.objects), followers(parts) {}
    const std::vector<Route> routes = all_routes();
    std::atomic<std::uint64_t> requests{0};
    FileHashes hashes;
    OutputListings outputs;
    TreeSweep sweep;
    DiskWork disk;
    DiskWork buckets;
    Followers followers;
    FirstJob first_job;
    const Own own{disk, hashes, sweep, followers, buckets, first_job, outputs};
};

Api::Api(Parts parts, Options options)
    : parts_(parts), options_(std::move(options)), impl_(std::make_unique<Impl>(parts_)) {}

Api::~Api() {
    stop();
}

void Api::stop() {
    impl_->followers.stop();
    impl_->disk.stop();
    impl_->buckets.stop();
}

bool Api::is_authorised(const Request& request) const {
    return equal_secret(sha256_hex(request.bearer), options_.token_hash);
}

// Unique over restarts, and tells nothing.
std::string Api::next_request_id() {
    const std::string number = std::to_string(impl_->requests.fetch_add(1));
    const std::string time = std::to_string(options_.wall().us);
    return "req_" + sha256_hex(options_.token_hash + "/" + time + "/" + number).substr(0, 16);
}

namespace {

Problem no_token() {
    Problem problem(
        Error{ErrorCode::kUnauthenticated,
              "the request carries no valid token; send 'Authorization: Bearer' with the text of "
              "the token file in the server's data folder"});
    problem.help = {"herder doctor"};
    return problem;
}

Problem no_route(const Request& request) {
    if (request.path.starts_with("/api/v1/"))
        return not_found("there is no " + request.method + " " + request.path);
    return not_found("there is nothing at " + request.path + "; the API is under /api/v1");
}

void refuse_method(const Request& request, const Match& match, const ExchangePtr& exchange) {
    std::string allowed;
    for (const std::string& method : match.allowed)
        allowed += (allowed.empty() ? "" : ", ") + method;
    Problem wrong(
        invalid("there is no " + request.method + " " + request.path + "; use " + allowed));
    wrong.row = &row_of_method_not_allowed();
    Response response = problem(wrong, exchange->path(), exchange->request_id());
    response.headers.emplace_back("Allow", allowed);
    exchange->respond(std::move(response));
}

}  // namespace

std::optional<Response> Api::refuse_head(const Request& request) {
    if (!request.path.starts_with("/api/v1/")) return std::nullopt;
    const Match match = find_route(impl_->routes, request.method, request.path);
    if (match.route == nullptr || match.route->is_public || is_authorised(request))
        return std::nullopt;
    const std::string id = next_request_id();
    Response response = problem(no_token(), request.path, id);
    response.headers.emplace_back("X-Request-Id", id);
    return response;
}

void Api::handle(Request request, ExchangePtr exchange) {
    exchange->name(next_request_id(), request.path);
    route(request, exchange);
}

void Api::route(Request& request, const ExchangePtr& exchange) {
    Match match = find_route(impl_->routes, request.method, request.path);
    const bool is_open = match.route != nullptr && match.route->is_public;
    const bool is_ours = request.path.starts_with("/api/v1/");
    if (is_ours && !is_open && !is_authorised(request)) return refuse(exchange, no_token());
    if (match.route == nullptr && !match.allowed.empty())
        return refuse_method(request, match, exchange);
    if (match.route == nullptr) return refuse(exchange, no_route(request));
    std::vector<Complaint> wrong = unknown_parameters(*match.route, request);
    if (!wrong.empty()) {
        const std::string text = wrong.front().message;
        return refuse(exchange, Problem(invalid(text), std::move(wrong)));
    }
    match.route->answer(
        Call{parts_, options_, impl_->own, request, exchange, std::move(match.names)});
}

}  // namespace herder::api
