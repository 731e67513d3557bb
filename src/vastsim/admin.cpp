#include "vastsim/admin.h"

#include <charconv>
#include <fstream>
#include <iterator>

#include "vastsim/charge_view.h"
#include "vastsim/instance_view.h"
#include "vastsim/scenario_event.h"

namespace herder::vastsim {

namespace {

ApiReply refused(int status, const std::string& why) {
    Json body;
    body.set("error", why);
    return json_reply(status, body);
}

ApiReply answer(const Status& status) {
    if (status) {
        Json body;
        body.set("ok", true);
        return json_reply(200, body);
    }
    switch (status.error().code) {
        case ErrorCode::kNotFound:
            return refused(404, status.error().message);
        case ErrorCode::kConflict:
            return refused(409, status.error().message);
        case ErrorCode::kInvalid:
        case ErrorCode::kUnauthenticated:
        case ErrorCode::kForbidden:
        case ErrorCode::kRateLimited:
        case ErrorCode::kNoCapacity:
        case ErrorCode::kBudgetExceeded:
        case ErrorCode::kUnavailable:
        case ErrorCode::kTimedOut:
        case ErrorCode::kCancelled:
        case ErrorCode::kCorrupt:
        case ErrorCode::kInternal:
            break;
    }
    return refused(400, status.error().message);
}

const char* state_of(const Contract& contract) {
    if (contract.phantom) return "phantom";
    if (contract.destroyed) return contract.ghost ? "ghost" : "destroyed";
    if (contract.offline_since) return "offline";
    switch (contract.container) {
        case ContainerState::kNone:
        case ContainerState::kCreated:
        case ContainerState::kLoading:
            return "loading";
        case ContainerState::kRunning:
            return "running";
        case ContainerState::kStopping:
            return "stopping";
        case ContainerState::kRebooting:
            return "rebooting";
        case ContainerState::kRecycling:
            return "recycling";
        case ContainerState::kExited:
            return contract.cur == ContractState::kStopped ? "stopped" : "exited";
    }
    return "";
}

struct Costs {
    Usd gpu;
    Usd disk;
    Usd bandwidth;
    Usd charged;  // as the charges endpoint rounds it
    Usd total() const { return gpu + disk + bandwidth; }
};

Costs costs_of(const std::map<std::int64_t, DayCharges>& days) {
    Costs costs;
    for (const auto& [day, charges] : days) {
        costs.gpu += usd_of_product(charges.gpu);
        costs.disk += usd_of_product(charges.disk);
        costs.bandwidth += usd_micros(charges.download_micros + charges.upload_micros);
        costs.charged += billed(charges).total();
    }
    return costs;
}

Json optional_time(const std::optional<WallTime>& at) {
    return at ? Json(*at) : Json();
}

Json machine_row(const Contract& contract, const std::vector<std::int64_t>& processes) {
    const Costs costs = costs_of(contract.days);
    Json pids = Json::array();
    for (const std::int64_t pid : processes)
        pids.push(pid);
    Json history = Json::array();
    for (const HistoryEntry& entry : contract.history) {
        Json line;
        line.set("at", entry.at).set("what", entry.what);
        history.push(std::move(line));
    }
    Json cost;
    cost.set("gpu", costs.gpu.micros).set("disk", costs.disk.micros);
    cost.set("bandwidth", costs.bandwidth.micros).set("total", costs.total().micros);
    Json row;
    row.set("contract", contract.id).set("label", contract.label);
    row.set("state", state_of(contract)).set("machine_id", contract.machine_id);
    row.set("ask_id", contract.request.ask_id).set("is_bid", contract.bid.has_value());
    row.set("intended", to_word(contract.intended)).set("cur_state", to_word(contract.cur));
    row.set("queued_start", contract.queued_start).set("pids", std::move(pids));
    row.set("container_alive", contract.container_alive);
    row.set("created", contract.created)
        .set("first_running", optional_time(contract.first_running));
    row.set("destroyed", optional_time(contract.destroyed));
    row.set("gpu_rate_micros", contract.gpu_rate.micros);
    row.set("disk_rate_micros", contract.storage_rate.micros);
    row.set("cost_micros", std::move(cost)).set("history", std::move(history));
    return row;
}

double seconds_in(const Json& body, const char* key, double otherwise) {
    const Json* value = body.find(key);
    return value ? value->to_number().value_or(otherwise) : otherwise;
}

Duration duration_of(double amount) {
    return microseconds(static_cast<std::int64_t>(amount * 1e6));
}

}  // namespace

ApiReply Admin::machines() {
    (void)market_.spent();
    Json rows = Json::array();
    std::int64_t alive = 0;
    for (const auto& [id, contract] : market_.contracts()) {
        const auto pids = runner_.processes_of(id);
        if (!contract.destroyed || !pids.empty()) ++alive;
        rows.push(machine_row(contract, pids));
    }
    Json body;
    body.set("now", market_.now()).set("alive", alive).set("machines", std::move(rows));
    return json_reply(200, body);
}

ApiReply Admin::bill() {
    const Usd total = market_.spent();
    Usd charged_total;
    Json rows = Json::array();
    for (const auto& [id, contract] : market_.contracts()) {
        const Costs costs = costs_of(contract.days);
        charged_total += costs.charged;
        Json row;
        row.set("contract", id).set("label", contract.label);
        row.set("total_micros", costs.total().micros);
        row.set("gpu_micros", costs.gpu.micros).set("disk_micros", costs.disk.micros);
        row.set("bandwidth_micros", costs.bandwidth.micros);
        row.set("charged_micros", costs.charged.micros);
        row.set("final", contract.destroyed.has_value());
        rows.push(std::move(row));
    }
    Json volumes = Json::array();
    for (const auto& [id, volume] : market_.volumes()) {
        const Costs costs = costs_of(volume.days);
        charged_total += costs.charged;
        Json row;
        row.set("volume", id).set("total_micros", costs.total().micros);
        row.set("charged_micros", costs.charged.micros);
        row.set("final", volume.deleted.has_value());
        volumes.push(std::move(row));
    }
    Json body;
    body.set("total_micros", total.micros).set("charged_total_micros", charged_total.micros);
    body.set("contracts", std::move(rows)).set("volumes", std::move(volumes));
    return json_reply(200, body);
}

ApiReply Admin::list_faults() {
    Json rows = Json::array();
    const auto& settings = market_.faults().settings();
    for (const FaultName& fault : kFaultNames) {
        const auto set = settings.find(std::string(fault.name));
        const FaultSetting setting = set == settings.end() ? FaultSetting{} : set->second;
        Json row;
        row.set("name", fault.name).set("meaning", fault.meaning);
        row.set("probability", static_cast<double>(setting.per_million) / 1e6);
        row.set("next", setting.next_calls).set("amount", setting.amount);
        rows.push(std::move(row));
    }
    Json body;
    body.set("faults", std::move(rows));
    return json_reply(200, body);
}

ApiReply Admin::list_webhooks() {
    Json rows = Json::array();
    for (std::size_t i = 0; webhooks_ != nullptr && i < webhooks_->history().size(); ++i)
        rows.push(webhooks_->history()[i]);
    Json body;
    body.set("deliveries", std::move(rows));
    body.set("waiting", webhooks_ != nullptr ? webhooks_->waiting() : std::size_t{0});
    return json_reply(200, body);
}

ApiReply Admin::set_fault(const Json& body) {
    if (const Json* clear = body.find("clear"); clear && *clear == Json(true)) {
        market_.faults().clear();
        return answer(ok());
    }
    const Json* name = body.find("name");
    if (name == nullptr || !name->if_string()) return refused(400, "'name' is missing");
    FaultSetting setting;
    const double probability = seconds_in(body, "probability", 0);
    if (probability < 0 || probability > 1) return refused(400, "'probability' must be 0 to 1");
    setting.per_million = static_cast<std::uint64_t>(probability * 1e6 + 0.5);
    setting.next_calls = static_cast<std::int64_t>(seconds_in(body, "next", 0));
    setting.amount = static_cast<std::int64_t>(seconds_in(body, "amount", 0));
    setting.skip_calls = static_cast<std::int64_t>(seconds_in(body, "skip", 0));
    setting.machine = static_cast<std::int64_t>(seconds_in(body, "machine", 0));
    return answer(market_.faults().set(*name->if_string(), setting));
}

ApiReply Admin::show_log(ContractNumber id) {
    std::ifstream file(runner_.log_path(id), std::ios::binary);
    if (!file) return refused(404, "no log of contract " + std::to_string(id));
    ApiReply reply;
    reply.content_type = "text/plain; charset=utf-8";
    reply.body.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    return reply;
}

ApiReply Admin::act(const std::string& verb, ContractNumber id, const Json& body) {
    if (verb == "outbid") {
        std::optional<Duration> hold;
        if (body.find("hold_s")) hold = duration_of(seconds_in(body, "hold_s", 0));
        return answer(market_.outbid(id, hold));
    }
    if (verb == "offline") {
        const Json* container = body.find("container");
        return answer(market_.go_offline(id, container && *container == Json("dies")));
    }
    if (verb == "online") return answer(market_.go_online(id));
    if (verb == "exit") {
        return answer(market_.exit_container(id, static_cast<int>(seconds_in(body, "code", 1))));
    }
    if (verb == "traffic") {
        market_.add_traffic(id, static_cast<std::int64_t>(seconds_in(body, "down_gb", 0) * 1000),
                            static_cast<std::int64_t>(seconds_in(body, "up_gb", 0) * 1000));
        return answer(ok());
    }
    if (verb == "price_increase") {
        const double factor = seconds_in(body, "factor", 1.5);
        return answer(market_.raise_price(id, static_cast<std::int64_t>(factor * 1000)));
    }
    if (verb == "maintenance") {
        return answer(market_.announce_maintenance(id, duration_of(seconds_in(body, "in_s", 3600)),
                                                   duration_of(seconds_in(body, "lasts_s", 3600))));
    }
    if (verb == "end_rental") {
        return answer(market_.end_rental(id, duration_of(seconds_in(body, "in_s", 0))));
    }
    return refused(404, "unknown admin verb '" + verb + "'");
}

ApiReply Admin::post(const std::string& path, const Json& body) {
    if (path == "/admin/faults") return set_fault(body);
    if (path == "/admin/clock/advance") {
        const double amount = seconds_in(body, "seconds", -1);
        if (amount < 0 || amount > 1e9) return refused(400, "'seconds' must be 0 or more");
        advance_clock_(duration_of(amount));
        return answer(ok());
    }
    if (path == "/admin/credit") {
        const Json* credit = body.find("credit");
        const auto micros = credit ? credit->to_micros() : Result<std::int64_t>(invalid(""));
        if (!micros) return refused(400, "'credit' must be dollars");
        market_.set_credit(usd_micros(*micros));
        return answer(ok());
    }
    if (path == "/admin/events") {
        const Result<ScenarioEvent> event = parse_event(body);
        if (!event) return refused(400, event.error().message);
        market_.happen(*event);
        return answer(ok());
    }
    const std::size_t last = path.rfind('/');
    const std::string number = path.substr(last + 1);
    ContractNumber id = 0;
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), id);
    if (parsed.ec != std::errc{} || last < 7) return refused(404, "unknown admin path " + path);
    return act(path.substr(7, last - 7), id, body);
}

ApiReply Admin::handle(const ApiRequest& request) {
    std::string path = request.path;
    if (path.ends_with('/')) path.pop_back();
    if (request.method == "POST") {
        const Result<Json> body = parse_json(request.body.empty() ? "{}" : request.body);
        return body ? post(path, *body) : refused(400, body.error().message);
    }
    if (request.method != "GET") return refused(405, "only GET and POST");
    if (path == "/admin/machines") return machines();
    if (path == "/admin/bill") return bill();
    if (path == "/admin/calls") return json_reply(200, calls_.to_json());
    if (path == "/admin/faults") return list_faults();
    if (path == "/admin/webhooks") return list_webhooks();
    if (path == "/admin/health") {
        Json body;
        body.set("ok", true).set("now", market_.now());
        body.set("scenario", market_.scenario().name);
        return json_reply(200, body);
    }
    if (path.starts_with("/admin/log/")) {
        const auto id = Json(path.substr(11)).to_integer();
        return show_log(id.value_or(0));
    }
    return refused(404, "unknown admin path " + path);
}

}  // namespace herder::vastsim
