// From the create reply to the running container, and how a container ends (vast-api 4.3, 4.8).
#include <algorithm>
#include <array>
#include <string_view>

#include "base/digest.h"

#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

// Seen word for word in a real record (vast-api 4.8).
constexpr std::string_view kCdiFailure =
    "Error response from daemon: failed to create task for container: failed to create shim task: "
    "OCI runtime create failed: could not apply required modification to OCI specification: error "
    "modifying OCI spec: failed to inject CDI devices: unresolvable CDI devices";

// Failures of pulling and starting, with the daemon's words.
struct BootFailure {
    std::string_view fault;
    std::string_view words;
};
constexpr std::array kBootFailures = {
    BootFailure{"boot_pull_failed", kCdiFailure},
    BootFailure{"boot_manifest_unknown",
                "Error response from daemon: manifest for IMAGE not found: manifest unknown: "
                "manifest unknown\n"},
    BootFailure{"boot_pull_denied",
                "Error response from daemon: pull access denied for IMAGE, repository does not "
                "exist or may require 'docker login': denied: requested access to the resource is "
                "denied\n"},
    BootFailure{"boot_no_space",
                "failed to register layer: write /usr/lib/libcudnn.so: no space left on device\n"},
    BootFailure{"boot_unexpected_eof", "failed to pull image IMAGE: unexpected EOF\n"},
    BootFailure{"boot_oci",
                "Error response from daemon: failed to create task for container: OCI runtime "
                "create failed: runc create failed: unable to start container process\n"},
};

// Layer states only, never a byte counter (vast-api 4.8).
constexpr std::array<std::string_view, 5> kPullWords = {
    ": Pulling fs layer\n", ": Waiting\n", ": Verifying Checksum\n", ": Download complete\n",
    ": Pull complete\n"};

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

void Market::draw_boot_faults(Contract& contract) {
    const std::int64_t machine = contract.machine_id;
    contract.never_boots = faults_.strikes("boot_never", machine);
    for (const BootFailure& failure : kBootFailures) {
        if (!faults_.strikes(failure.fault, machine)) continue;
        contract.boot_failure = failure.words;
        const std::size_t at = contract.boot_failure.find("IMAGE");
        if (at != std::string::npos) contract.boot_failure.replace(at, 5, contract.request.image);
    }
    contract.dead_endpoint = faults_.strikes("boot_dead_endpoint", machine);
    contract.wrong_gpu = faults_.strikes("boot_wrong_gpu", machine);
    contract.frozen_words = faults_.strikes("boot_frozen_words", machine);
    if (faults_.strikes("list_lag")) {
        contract.visible_from = contract.visible_from + seconds(faults_.amount_of("list_lag", 30));
        note(contract, "not yet listed");
    }
}

void Market::begin_boot(Contract& contract) {
    contract.container = ContainerState::kNone;
    contract.intended = contract.next = ContractState::kRunning;
    bool stopped = scenario_.loading_reads_stopped;
    if (scenario_.loading_mixed) stopped = refusal_draws_.below(2) == 0;
    contract.cur = stopped ? ContractState::kStopped : ContractState::kRunning;
    report(contract);
    schedule(draw(scenario_.provisioning), TimerKind::kCreated, contract.id, contract.phase);
}

void Market::enter_created(Contract& contract) {
    contract.container = ContainerState::kCreated;
    if (!contract.boot_failure.empty()) return fail_boot(contract);
    report_later(contract);
    schedule(draw(scenario_.created), TimerKind::kLoading, contract.id, contract.phase);
}

// With the switch: size of the image over the host's real bandwidth, and as long again to unpack.
Duration Market::pull_time(Contract& contract) {
    const Machine& machine = machine_of(contract);
    Duration time = draw(scenario_.image_pull);
    if (scenario_.pull_by_size) {
        const auto gb = static_cast<double>(image_gb(contract.request.image));
        time = microseconds(static_cast<std::int64_t>(gb * 8e9 / machine.inet_down));
        time = time * (machine.lies ? 10 : 1) + time / 2;
    } else if (machine.lies) {
        time = time * 10;
    }
    if (scenario_.bill_image_pull)
        add_traffic(contract.id, image_gb(contract.request.image) * 1000, 0);
    return time;
}

void Market::enter_loading(Contract& contract) {
    accrue(contract);
    contract.container = ContainerState::kLoading;
    const std::string layer = sha256_hex(contract.request.image).substr(0, 12);
    contract.status_msg = layer + std::string(kPullWords[0]);
    report_later(contract);
    if (contract.never_boots) return note(contract, "stuck in loading for ever");
    Machine& machine = machines_.at(contract.machine_id);
    const bool cached = machine.cached_images.contains(contract.request.image);
    machine.cached_images[contract.request.image] = true;
    const Duration pull = cached ? draw(scenario_.cached_start) : pull_time(contract);
    schedule(pull, TimerKind::kStarted, contract.id, contract.phase);
    for (int step = 1; step < 5 && !contract.frozen_words; ++step)
        schedule(pull * step / 5, TimerKind::kPullStep, contract.id, contract.phase);
}

void Market::step_pull(Contract& contract) {
    const std::string layer = contract.status_msg.substr(0, 12);
    const std::string words =
        contract.status_msg.substr(std::min<std::size_t>(12, contract.status_msg.size()));
    const auto at = std::find(kPullWords.begin(), kPullWords.end(), words);
    if (at == kPullWords.end() || at + 1 == kPullWords.end()) return;
    contract.status_msg = layer + std::string(*(at + 1));
    report(contract);
}

void Market::enter_running(Contract& contract) {
    accrue(contract);
    const bool first = !contract.first_running;
    contract.container = ContainerState::kRunning;
    contract.cur = contract.next = contract.intended = ContractState::kRunning;
    contract.outbid = contract.out_of_credit = false;
    contract.status_msg = success_text(contract.request);
    if (first) contract.first_running = now_;
    ++contract.runs;
    if (!contract.dead_endpoint) {
        contract.container_alive = true;
        command(CommandKind::kStart, contract);
    }
    note(contract, "running");
    // "started" fires once per rental, "resumed" whenever scheduling ends (vast-api 2.21).
    if (first) notify("instance_started", "Instance started", contract);
    if (!first) notify("instance_resumed", "Instance resumed", contract);
    report_later(contract);
}

// Never a terminal word: `created` stays, only status_msg and the intended state tell.
void Market::fail_boot(Contract& contract) {
    accrue(contract);
    ++contract.phase;
    contract.status_msg = contract.boot_failure;
    contract.intended = contract.next = contract.cur = ContractState::kStopped;
    contract.has_gpus = false;
    note(contract, "container start failed");
    report_later(contract);
    resume_waiting(contract.machine_id);
}

std::vector<GpuCard> Market::cards_of(const Contract& contract) const {
    const GpuModel& gpu = machine_of(contract).gpu;
    // A host that sells cards which it does not have.
    if (contract.wrong_gpu) return {contract.gpu_count, {"NVIDIA GeForce GTX 1080", 8'192}};
    return {contract.gpu_count, {driver_name(gpu.name), gpu.ram_mb}};
}

ContainerSpec Market::spec_of(const Contract& contract) const {
    ContainerSpec spec;
    spec.id = contract.id;
    spec.onstart = contract.request.onstart;
    spec.args = contract.request.args;
    spec.ends_with_main_process = contract.request.runtype == "args";
    spec.gpus = cards_of(contract);
    const std::string id = std::to_string(contract.id);
    spec.env = {{"CONTAINER_ID", id},
                {"CONTAINER_API_KEY", contract.api_key},
                {"VAST_CONTAINERLABEL", "C." + id},
                {"PUBLIC_IPADDR", address_of(machine_of(contract), contract)},
                {"GPU_COUNT", std::to_string(contract.gpu_count)},
                {"DATA_DIRECTORY", "/workspace/"}};
    std::int64_t port = first_port(scenario_, contract);
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

// SIGTERM first where the scenario allows the container a while.
void Market::end_container(Contract& contract, Duration grace) {
    if (!contract.container_alive || grace.us <= 0) return kill_container(contract);
    command(CommandKind::kTerminate, contract);
    schedule(grace, TimerKind::kGraceEnds, contract.id, static_cast<std::uint64_t>(contract.runs));
}

void Market::container_exited(ContractNumber id, int code) {
    Contract* contract = find(id);
    if (contract == nullptr || !contract->container_alive) return;
    contract->container_alive = false;
    note(*contract, "container exited with code " + std::to_string(code));
    if (contract->destroyed) return;
    accrue(*contract);
    // The contract keeps running and bills; whether anything restarts it is open (vast-api 9).
    if (contract->container != ContainerState::kRunning) return;
    contract->container = ContainerState::kExited;
    if (scenario_.restart_exited) {
        schedule(draw(scenario_.cached_start), TimerKind::kStarted, id, contract->phase);
    }
    report_later(*contract);
}

std::int64_t first_port(const Scenario& scenario, const Contract& contract) {
    const std::int64_t moved = scenario.ports_change_on_start ? contract.runs * 97 : 0;
    return 40'000 + (contract.id + moved) % 20'000;
}

std::string address_of(const Machine& machine, const Contract& contract) {
    return contract.address.empty() ? machine.public_ip : contract.address;
}

std::int64_t image_gb(const std::string& image) {
    return 2 + static_cast<std::int64_t>(crc32c(image) % 11);
}

}  // namespace herder::vastsim
