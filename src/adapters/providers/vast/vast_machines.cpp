// The calls of VastProvider that manage machines which exist.
#include "adapters/providers/vast/invoices_json.h"
#include "adapters/providers/vast/maintenances_json.h"
#include "adapters/providers/vast/manage_json.h"
#include "adapters/providers/vast/outcome.h"
#include "adapters/providers/vast/vast_provider.h"

namespace herder::vast {

namespace {

// The documentation names a limit of 100 for the start of many (section 2.5), and none for the
// other calls about many.
constexpr std::size_t kManyMax = 100;

std::string verb_target(const char* verb, ContractId contract) {
    return std::string("/api/v0/instances/") + verb + std::to_string(contract.value) + "/";
}

ApiCall put(Route route, const char* verb, ContractId contract, std::string body) {
    return {.route = route,
            .method = "PUT",
            .target = verb_target(verb, contract),
            .body = std::move(body),
            .timeout = seconds(30)};
}

CallAnswer refuse(const Error& error) {
    return {.outcome = input::CallOutcome::kRefused, .detail = error.message};
}

}  // namespace

CallAnswer VastProvider::stop(ContractId contract) {
    return classify_change(api_.send(put(Route::kManage, "", contract, encode_state(false))));
}

CallAnswer VastProvider::start(ContractId contract) {
    // Once: a second start of a queued one changes nothing, and one that was executed may bill.
    ApiCall call = put(Route::kManage, "", contract, encode_state(true));
    call.importance = Importance::kCreate;  // it begins a bill, though its route also ends one
    return classify_start(api_.send(call));
}

CallAnswer VastProvider::set_label(ContractId contract, const std::string& label) {
    const auto body = encode_label(label);
    if (!body) return refuse(body.error());
    return classify_change(api_.send(put(Route::kManage, "", contract, *body)));
}

CallAnswer VastProvider::reboot(ContractId contract) {
    return classify_change(api_.send(put(Route::kReboot, "reboot/", contract, "{}")));
}

CallAnswer VastProvider::recycle(ContractId contract) {
    return classify_change(api_.send(put(Route::kRecycle, "recycle/", contract, "{}")));
}

CallAnswer VastProvider::change_many(
    const ApiCall& call, const std::vector<ContractId>& contracts,
    const std::function<std::string(std::vector<ContractId>)>& encode) {
    CallAnswer worst{.outcome = input::CallOutcome::kDone, .detail = {}};
    for (std::size_t first = 0; first < contracts.size(); first += kManyMax) {
        const std::size_t last = std::min(first + kManyMax, contracts.size());
        ApiCall part = call;
        part.body = encode({contracts.begin() + static_cast<std::ptrdiff_t>(first),
                            contracts.begin() + static_cast<std::ptrdiff_t>(last)});
        CallAnswer answer = classify_change(api_.send(part));
        if (answer.outcome > worst.outcome) worst = std::move(answer);
    }
    return worst;
}

CallAnswer VastProvider::stop_many(const std::vector<ContractId>& contracts) {
    const ApiCall call{
        .route = Route::kManageMany, .method = "PUT", .target = "/api/v0/instances/", .body = {}};
    return change_many(call, contracts, [](const std::vector<ContractId>& part) {
        return encode_states(false, part);
    });
}

CallAnswer VastProvider::destroy_many(const std::vector<ContractId>& contracts) {
    const ApiCall call{.route = Route::kDestroyMany,
                       .method = "DELETE",
                       .target = "/api/v0/instances/",
                       .body = {}};
    return change_many(call, contracts, encode_contracts);
}

Result<std::string> VastProvider::fetch_result(const Result<std::string>& body) {
    if (!body) return body.error();
    const auto url = parse_result_url(*body);
    if (!url) return url.error();
    return await_result(download_, [this](Duration d) { traffic_.pause(d); }, *url);
}

Result<std::string> VastProvider::logs(ContractId contract, const LogQuery& query) {
    if (!download_) return invalid("reading a log: there is nothing to download it with");
    const auto body = encode_log_request(query);
    if (!body) return body.error().with_context("reading a log");
    return fetch_result(api_.read(put(Route::kRequestLogs, "request_logs/", contract, *body)))
        .with_context("reading the log of machine " + std::to_string(contract.value));
}

Result<std::string> VastProvider::execute(ContractId contract, const std::string& command) {
    if (!download_)
        return invalid("running a command: there is nothing to download its output with");
    const auto body = encode_command(command);
    if (!body) return body.error();
    return fetch_result(api_.read(put(Route::kExecute, "command/", contract, *body)))
        .with_context("running a command on machine " + std::to_string(contract.value));
}

Result<std::vector<herder::PriceIncrease>> VastProvider::increases() {
    const auto body = api_.read({.route = Route::kListPriceIncreases,
                                 .target = "/api/v0/instances/pending-price-increases/"});
    if (!body) return body.error();
    const auto read = parse_price_increases(*body);
    if (!read) return read.error();
    std::vector<herder::PriceIncrease> increases;
    for (const PriceIncrease& row : read->rows) {
        increases.push_back({.id = row.id,
                             .contract = row.contract,
                             .gpu_price = row.is_price_known ? row.new_gpu_price : UsdPerHour{}});
    }
    return increases;
}

CallAnswer VastProvider::answer_increase(std::int64_t increase, bool accept) {
    return classify_change(api_.send({.route = Route::kAnswerPriceIncrease,
                                      .method = "PUT",
                                      .target = std::string("/api/v0/instances/") +
                                                (accept ? "accept" : "reject") + "-price-increase/",
                                      .body = encode_price_increase(increase)}));
}

Result<std::vector<Maintenance>> VastProvider::maintenances(
    const std::vector<std::int64_t>& machines) {
    std::vector<Maintenance> windows;
    for (std::size_t first = 0; first < machines.size(); first += kManyMax) {
        const std::size_t last = std::min(first + kManyMax, machines.size());
        const auto body = api_.read(
            {.route = Route::kListMaintenances,
             .target = maintenances_target({machines.begin() + static_cast<std::ptrdiff_t>(first),
                                            machines.begin() + static_cast<std::ptrdiff_t>(last)}),
             .timeout = seconds(30)});
        if (!body) return body.error();
        auto part = parse_maintenances(*body, clock_.wall());
        if (!part) return part.error().with_context("reading maintenances");
        windows.insert(windows.end(), part->begin(), part->end());
    }
    return windows;
}

}  // namespace herder::vast
