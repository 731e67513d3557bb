// Logs and commands; the result lies at an address without a key (vast-api 2.9, 2.10).
#include <array>
#include <deque>
#include <sstream>

#include "base/digest.h"
#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::size_t kCommandMost = 512;
constexpr std::size_t kUploadsKept = 500;
constexpr std::int64_t kTailMost = 100'000;

std::string last_lines(const std::string& text, std::int64_t tail, const std::string& filter) {
    std::deque<std::string> kept;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!filter.empty() && line.find(filter) == std::string::npos) continue;
        kept.push_back(line + "\n");
        if (static_cast<std::int64_t>(kept.size()) > tail) kept.pop_front();
    }
    std::string out;
    for (const std::string& line : kept)
        out += line;
    return out;
}

std::string upload(Call& call, std::string text) {
    ApiState& state = call.state;
    const Scenario& scenario = call.market.scenario();
    const std::string name =
        sha256_hex("upload" + std::to_string(state.next_upload++)).substr(0, 40) + ".log";
    // The youngest of the range at once for the first reader; spread by the running number.
    const std::int64_t spread = scenario.log_upload.high.us - scenario.log_upload.low.us;
    const std::int64_t step = static_cast<std::int64_t>(state.next_upload % 5);
    const Duration wait = microseconds(scenario.log_upload.low.us + spread * step / 4);
    if (state.uploads.size() >= kUploadsKept) state.uploads.clear();
    state.uploads[name] = {std::move(text), call.market.now() + wait};
    const std::string host =
        state.public_url.empty() ? "https://s3.amazonaws.com" : state.public_url;
    return host + "/vast.ai/instance_logs/" + name;
}

std::string daemon_log(const Contract& contract) {
    std::string out;
    for (const HistoryEntry& entry : contract.history)
        out += to_rfc3339(entry.at) + " " + entry.what + "\n";
    return out + contract.status_msg;
}

ApiReply request_logs(Call& call) {
    const Contract* contract = call.market.find_listed(call.id());
    if (contract == nullptr || contract->destroyed) {
        return failure(404, "invalid_id", "Invalid instance id.");
    }
    const Json* wanted = call.find("tail");
    const std::int64_t tail = wanted ? wanted->to_integer().value_or(1000) : 1000;
    const bool daemon = call.text("daemon_logs") == "true";
    const std::string log = daemon ? daemon_log(*contract) : call.state.read_log(call.id());
    const std::string text =
        last_lines(log, tail > 0 && tail < kTailMost ? tail : kTailMost, call.text("filter"));
    Json body;
    body.set("success", true).set("result_url", upload(call, text));
    body.set("msg", "Log request sent, wait a few seconds and then view the result_url");
    return json_reply(200, body);
}

bool is_allowed(const std::string& command) {
    return command == "ls" || command == "du" || command.starts_with("ls ") ||
           command.starts_with("du ") || command.starts_with("rm ");
}

ApiReply execute(Call& call) {
    const std::string command = call.text("command");
    if (command.empty() || command.size() > kCommandMost || !is_allowed(command)) {
        return failure(400, "invalid_args", "Only ls, rm and du, up to 512 characters.");
    }
    const Contract* contract = call.market.find_listed(call.id());
    if (contract == nullptr || contract->destroyed) {
        return failure(400, "invalid_container_id", "Invalid container id.");
    }
    if (contract->container_alive) {
        return failure(400, "invalid_container", "Only for stopped instances.");
    }
    Json body;
    body.set("success", true);
    body.set("writeable_path", "/var/lib/docker/overlay2/" + std::to_string(call.id()) + "/diff/");
    body.set("result_url", upload(call, call.state.run_command(call.id(), command)));
    body.set("msg", "Command is executing, wait a few seconds and then view the result_url");
    return json_reply(200, body);
}

constexpr std::array kRoutes = {
    Route{"PUT", "/api/v0/instances/request_logs/{id}/", "instance_read", request_logs,
          "api.instance.request_logs", true},
    Route{"PUT", "/api/v0/instances/command/{id}/", "instance_write", execute},
};

}  // namespace

std::span<const Route> log_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
