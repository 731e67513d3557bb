// Create, stop, start, bid, label, destroy: what the renter may ask for (vast-api 2.2, 2.5-2.7).
#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

constexpr UsdPerHour kBidLowest{1'000};         // 0.001 $/h (vast-api 2.2)
constexpr UsdPerHour kBidHighest{128'000'000};  // 128 $/h
constexpr std::size_t kArgsLimit = 4'096;       // onstart and args together

std::string make_key(RandomStream& random) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) {
        std::uint64_t word = random.next();
        for (int b = 0; b < 8; ++b, word >>= 8)
            bytes.push_back(static_cast<char>(word & 0xFF));
    }
    return to_hex(bytes);
}

}  // namespace

// The offer is gone: HTTP 404, or 404 wrapped in HTTP 400 (often seen), or 410.
Refused Market::gone(ContractNumber ask_id, bool embedded_410) {
    const std::string id = std::to_string(ask_id);
    if (embedded_410) {
        return {
            .http = 410,
            .error = "no_such_ask",
            .msg = "error 410/3907: no_such_ask Instance type " + id + " is no longer available.",
            .new_contract = {}};
    }
    const bool wrapped = refusal_draws_.below(2) == 0;
    return {.http = wrapped ? 400 : 404,
            .error = "invalid_args",
            .msg = "error 404/3603: no_such_ask Instance type by id " + id + " is not available.",
            .new_contract = {}};
}

// Everything wrong with the request that does not depend on who holds the GPUs.
std::optional<Refused> Market::refuse(const CreateRequest& request) {
    const auto bad = [](std::string error, std::string msg) {
        return Refused{
            .http = 400, .error = std::move(error), .msg = std::move(msg), .new_contract = {}};
    };
    std::size_t args = request.onstart.size();
    for (const std::string& arg : request.args)
        args += arg.size();
    if (request.image.empty() || request.image.size() > 1024) {
        return bad("invalid_args", "error 400/3468: Invalid args: 'image' is required");
    }
    if (args > kArgsLimit) {
        return bad("invalid_args",
                   "error 400/3471: Invalid args: len(args) > " + std::to_string(kArgsLimit));
    }
    if (request.label.size() > 256) {
        return bad("invalid_args", "error 400/3472: Invalid args: label is too long");
    }
    if (request.disk_gb < 8) {
        return bad("invalid_args", "error 400/3473: Invalid args: disk must be at least 8");
    }
    if (request.price && (*request.price < kBidLowest || *request.price > kBidHighest)) {
        return bad("invalid_price", "error 400/3474: Invalid price: must be 0.001 to 128.0");
    }
    if (initial_credit_ - spent() <= usd_micros(0)) {
        return bad("insufficient_credit",
                   "error 400/3475: insufficient_credit Your account lacks "
                   "credit; see the billing page.");
    }
    return std::nullopt;
}

CreateOutcome Market::create(const CreateRequest& request, CreateFaults create_faults) {
    if (const auto refused = refuse(request)) return *refused;
    const auto found = asks_.find(request.ask_id);
    if (found == asks_.end()) return gone(request.ask_id, false);
    const Ask ask = found->second;
    const Machine& machine = machines_.at(ask.machine_id);
    const Slice slice{ask.machine_id, ask.first_gpu, ask.gpu_count};
    if (create_faults.stopped_contract) return create_stopped(request, ask);
    const bool free = machine.online && machine.end_date > now_ &&
                      request.disk_gb <= disk_free_gb(machine) && can_take(slice, std::nullopt, 0);
    const bool bid_wins =
        !request.price || *request.price >= min_bid(machine, ask.first_gpu, ask.gpu_count);
    if (!free) return gone(request.ask_id, false);
    if (!bid_wins) {
        if (request.cancel_unavail) return gone(request.ask_id, true);
        return create_stopped(request, ask);
    }
    Contract& contract = add_contract(request, ask);
    if (create_faults.phantom) {
        contract.phantom = true;
        contract.destroyed = now_;
        live_on_machine_[contract.machine_id].erase(contract.id);
        note(contract, "phantom: reported as created, does not exist");
        return Created{contract.id, contract.api_key};
    }
    if (!request.target_running) {
        contract.intended = contract.next = contract.cur = ContractState::kStopped;
        report(contract);
        return Created{contract.id, contract.api_key};
    }
    take(slice);
    contract.has_gpus = true;
    return finish_create(contract);
}

Created Market::finish_create(Contract& contract) {
    contract.never_boots = faults_.strikes("boot_never");
    contract.pull_fails = faults_.strikes("boot_pull_failed");
    if (faults_.strikes("list_lag")) {
        contract.visible_from = contract.visible_from + seconds(faults_.amount_of("list_lag", 30));
        note(contract, "not yet listed");
    }
    begin_boot(contract);
    return {contract.id, contract.api_key};
}

Contract& Market::add_contract(const CreateRequest& request, const Ask& ask) {
    const Machine& machine = machines_.at(ask.machine_id);
    const UsdPerHour on_demand =
        machine.on_demand_per_gpu * static_cast<std::int64_t>(ask.gpu_count);
    Contract contract;
    contract.id = next_number_;
    next_number_ += 1 + static_cast<std::int64_t>(key_draws_.below(9));
    contract.request = request;
    contract.machine_id = ask.machine_id;
    contract.first_gpu = ask.first_gpu;
    contract.gpu_count = ask.gpu_count;
    contract.api_key = make_key(key_draws_);
    contract.bid = request.price;
    contract.gpu_rate = request.price ? std::min(*request.price, on_demand) : on_demand;
    contract.storage_rate = storage_rate(machine, request.disk_gb * 1000);
    contract.label = request.label;
    contract.created = contract.billed_until = now_;
    contract.visible_from = now_ + draw(scenario_.visible);
    contract.end_date = machine.end_date;
    keys_[contract.api_key] = contract.id;
    live_on_machine_[ask.machine_id].insert(contract.id);
    schedule(contract.end_date - now_, TimerKind::kEnd, contract.id);
    Contract& stored = contracts_[contract.id] = std::move(contract);
    note(stored, "created");
    return stored;
}

// Could not be started, but exists and its disk bills (vast-api 2.2, Q5 and Q10).
Refused Market::create_stopped(const CreateRequest& request, const Ask& ask) {
    Contract& contract = add_contract(request, ask);
    contract.intended = contract.next = contract.cur = ContractState::kStopped;
    contract.container = ContainerState::kCreated;
    note(contract, "created stopped");
    report(contract);
    return {.http = refusal_draws_.below(2) == 0 ? 200 : 400,
            .error = "resources_unavailable",
            .msg = "Required resources are currently unavailable, instance created stopped.",
            .new_contract = contract.id};
}

void Market::stop(ContractNumber id) {
    Contract* contract = find(id);
    if (contract == nullptr || contract->destroyed) return;
    contract->queued_start = false;
    contract->intended = contract->next = ContractState::kStopped;
    if (contract->container == ContainerState::kRunning && !contract->offline_since) {
        ++contract->phase;
        contract->container = ContainerState::kStopping;
        note(*contract, "stop asked");
        report_contract_words(*contract);
        return schedule(draw(scenario_.stop), TimerKind::kStopped, id, contract->phase);
    }
    if (contract->container != ContainerState::kStopping) {
        halt(*contract, "stopped", false);
        contract->queued_start = false;
        report_contract_words(*contract);
    }
}

// The container dies at once, the GPUs are given back, the disk stays.
void Market::halt(Contract& contract, const std::string& why, bool keep_intended) {
    accrue(contract);
    ++contract.phase;
    kill_container(contract);
    const bool was_up = contract.container == ContainerState::kRunning ||
                        contract.container == ContainerState::kStopping;
    if (was_up) contract.container = ContainerState::kExited;
    contract.cur = contract.next = ContractState::kStopped;
    if (!keep_intended) contract.intended = ContractState::kStopped;
    const bool freed = contract.has_gpus;
    contract.has_gpus = false;
    note(contract, why);
    report_later(contract);
    if (freed) resume_waiting(contract.machine_id);
}

StartOutcome Market::start(ContractNumber id) {
    Contract* contract = find(id);
    HERDER_ASSERT(contract != nullptr);
    if (contract->end_date <= now_) return StartOutcome::kExpired;
    if (initial_credit_ - spent() <= usd_micros(0)) return StartOutcome::kNoCredit;
    if (contract->has_gpus && contract->intended == ContractState::kRunning) {
        return StartOutcome::kStarted;
    }
    const bool refused = refusal_draws_.chance_per_million(scenario_.start_refusal_per_million);
    if (refused || contract->offline_since ||
        !can_take(slice_of(*contract), contract->bid, contract->id)) {
        contract->queued_start = true;
        if (refused) schedule(minutes(30), TimerKind::kResume, id);
        note(*contract, "start queued");
        return StartOutcome::kQueued;
    }
    resume(*contract);
    report_contract_words(*contract);
    return StartOutcome::kStarted;
}

void Market::resume(Contract& contract) {
    accrue(contract);
    take(slice_of(contract));
    ++contract.phase;
    contract.has_gpus = true;
    contract.queued_start = false;
    contract.intended = contract.next = ContractState::kRunning;
    contract.cur = ContractState::kScheduling;
    note(contract, "scheduling");
    report_later(contract);
    if (contract.container == ContainerState::kStopping) {
        kill_container(contract);
        contract.container = ContainerState::kExited;
    }
    const bool never_ran = contract.container != ContainerState::kExited;
    schedule(draw(scenario_.cached_start), never_ran ? TimerKind::kLoading : TimerKind::kStarted,
             contract.id, contract.phase);
}

void Market::change_bid(ContractNumber id, std::optional<UsdPerHour> bid) {
    Contract* contract = find(id);
    HERDER_ASSERT(contract != nullptr);
    accrue(*contract);
    const Machine& machine = machine_of(*contract);
    const auto gpus = static_cast<std::int64_t>(contract->gpu_count);
    const UsdPerHour wanted =
        bid.value_or(min_bid(machine, contract->first_gpu, contract->gpu_count));
    if (contract->bid) {
        contract->bid = wanted;
        contract->gpu_rate = std::min(wanted, machine.on_demand_per_gpu * gpus);
    }
    note(*contract, "bid changed");
}

void Market::set_label(ContractNumber id, const std::string& label) {
    if (Contract* contract = find(id)) contract->label = label;
}

void Market::destroy(ContractNumber id) {
    Contract* contract = find(id);
    if (contract == nullptr || contract->destroyed) return;
    accrue(*contract);
    ++contract->phase;
    contract->queued_start = false;
    contract->has_gpus = false;
    contract->ghost = contract->container_alive && faults_.strikes("ghost");
    if (contract->ghost) {
        schedule(seconds(faults_.amount_of("ghost", 600)), TimerKind::kGhostEnds, id);
    } else {
        kill_container(*contract);
        command(CommandKind::kRemove, *contract);
    }
    contract->destroyed = now_;
    settled_ += total_of(*contract);
    live_on_machine_[contract->machine_id].erase(id);
    keys_.erase(contract->api_key);
    if (faults_.strikes("destroy_lingers")) {
        contract->linger_polls = faults_.amount_of("destroy_lingers", 3);
        lingering_.insert(id);
    }
    note(*contract, contract->ghost ? "destroyed; the container runs on" : "destroyed");
    resume_waiting(contract->machine_id);
}

}  // namespace herder::vastsim
