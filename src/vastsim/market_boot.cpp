// From the create reply to the running container, and how a container ends (vast-api 4.3, 4.8).
#include <string_view>

#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

// Seen word for word in a real record (vast-api 4.8).
constexpr std::string_view kPullFailure =
    "Error response from daemon: failed to create task for container: failed to create shim task: "
    "OCI runtime create failed: could not apply required modification to OCI specification: error "
    "modifying OCI spec: failed to inject CDI devices: unresolvable CDI devices";

std::string success_text(const CreateRequest& request) {
    std::string image = request.image;
    for (char& c : image) {
        if (c == ':') c = '_';
    }
    return "success, running " + image + "/" + request.runtype + "\n";
}

bool is_docker_flag(const std::string& key) {
    return !key.empty() && key[0] == '-';
}

// "-p 8080:8081/udp" -> "VAST_UDP_PORT_8081"; empty for other flags.
std::string port_variable(const std::string& flag) {
    if (!flag.starts_with("-p ")) return "";
    const std::size_t colon = flag.rfind(':');
    std::string inner = flag.substr(colon == std::string::npos ? 3 : colon + 1);
    const bool udp = inner.ends_with("/udp");
    if (const std::size_t slash = inner.find('/'); slash != std::string::npos) inner.resize(slash);
    return (udp ? "VAST_UDP_PORT_" : "VAST_TCP_PORT_") + inner;
}

}  // namespace

void Market::begin_boot(Contract& contract) {
    contract.container = ContainerState::kNone;
    contract.intended = contract.next = ContractState::kRunning;
    contract.cur =
        scenario_.loading_reads_stopped ? ContractState::kStopped : ContractState::kRunning;
    report(contract);
    schedule(draw(scenario_.provisioning), TimerKind::kCreated, contract.id, contract.phase);
}

void Market::enter_created(Contract& contract) {
    contract.container = ContainerState::kCreated;
    if (contract.pull_fails) return fail_pull(contract);
    report_later(contract);
    schedule(draw(scenario_.created), TimerKind::kLoading, contract.id, contract.phase);
}

void Market::enter_loading(Contract& contract) {
    accrue(contract);
    contract.container = ContainerState::kLoading;
    contract.status_msg = "8a1e25ce7c4f: Pulling fs layer\n";
    report_later(contract);
    if (contract.never_boots) return note(contract, "stuck in loading for ever");
    Machine& machine = machines_.at(contract.machine_id);
    const bool cached = machine.cached_images.contains(contract.request.image);
    machine.cached_images[contract.request.image] = true;
    schedule(draw(cached ? scenario_.cached_start : scenario_.image_pull), TimerKind::kStarted,
             contract.id, contract.phase);
}

void Market::enter_running(Contract& contract) {
    accrue(contract);
    contract.container = ContainerState::kRunning;
    contract.cur = contract.next = contract.intended = ContractState::kRunning;
    contract.status_msg = success_text(contract.request);
    if (!contract.first_running) contract.first_running = now_;
    contract.container_alive = true;
    command(CommandKind::kStart, contract);
    note(contract, "running");
    report_later(contract);
}

// Never a terminal word: `created` stays, only status_msg and the intended state tell.
void Market::fail_pull(Contract& contract) {
    accrue(contract);
    ++contract.phase;
    contract.status_msg = kPullFailure;
    contract.intended = contract.next = contract.cur = ContractState::kStopped;
    contract.has_gpus = false;
    note(contract, "container start failed");
    report_later(contract);
    resume_waiting(contract.machine_id);
}

ContainerSpec Market::spec_of(const Contract& contract) const {
    ContainerSpec spec;
    spec.id = contract.id;
    spec.onstart = contract.request.onstart;
    spec.args = contract.request.args;
    spec.ends_with_main_process = contract.request.runtype == "args";
    const std::string id = std::to_string(contract.id);
    spec.env = {{"CONTAINER_ID", id},
                {"CONTAINER_API_KEY", contract.api_key},
                {"VAST_CONTAINERLABEL", "C." + id},
                {"PUBLIC_IPADDR", machine_of(contract).public_ip},
                {"GPU_COUNT", std::to_string(contract.gpu_count)},
                {"DATA_DIRECTORY", "/workspace/"}};
    std::int64_t port = 40'000 + contract.id % 20'000;
    for (const auto& [key, value] : contract.request.env) {
        if (!is_docker_flag(key)) {
            spec.env.emplace_back(key, value);
        } else if (const std::string variable = port_variable(key); !variable.empty()) {
            spec.env.emplace_back(variable, std::to_string(port++));
        }
    }
    return spec;
}

void Market::command(CommandKind kind, const Contract& contract) {
    ContainerCommand out;
    out.kind = kind;
    if (kind == CommandKind::kStart) out.spec = spec_of(contract);
    out.spec.id = contract.id;
    commands_.push_back(std::move(out));
}

void Market::kill_container(Contract& contract) {
    if (!contract.container_alive) return;
    contract.container_alive = false;
    command(CommandKind::kKill, contract);
}

void Market::container_exited(ContractNumber id, int code) {
    Contract* contract = find(id);
    if (contract == nullptr || !contract->container_alive) return;
    contract->container_alive = false;
    note(*contract, "container exited with code " + std::to_string(code));
    if (contract->destroyed) return;
    accrue(*contract);
    // The contract keeps running and bills; nothing restarts the container (vast-api 4.3).
    if (contract->container == ContainerState::kRunning) {
        contract->container = ContainerState::kExited;
        report_later(*contract);
    }
}

}  // namespace herder::vastsim
