// Create and everything that is checked before it (vast-api 2.2).
#include <algorithm>

#include "base/bytes.h"
#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

constexpr UsdPerHour kBidLowest{1'000};         // 0.001 $/h (vast-api 2.2)
constexpr UsdPerHour kBidHighest{128'000'000};  // 128 $/h
constexpr std::size_t kImageMost = 1024;
constexpr std::size_t kLabelMost = 256;

std::string make_key(RandomStream& random) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) {
        std::uint64_t word = random.next();
        for (int b = 0; b < 8; ++b, word >>= 8)
            bytes.push_back(static_cast<char>(word & 0xFF));
    }
    return to_hex(bytes);
}

Refused bad(std::string error, std::string msg) {
    return {.http = 400, .error = std::move(error), .msg = std::move(msg), .new_contract = {}};
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
    std::size_t args = request.onstart.size();
    for (const std::string& arg : request.args)
        args += arg.size();
    if (request.image.empty() || request.image.size() > kImageMost) {
        return bad("invalid_args", "error 400/3468: Invalid args: 'image' is required");
    }
    if (args > scenario_.args_limit) {
        return bad("invalid_args", "error 400/3471: Invalid args: len(args) > " +
                                       std::to_string(scenario_.args_limit));
    }
    if (request.label.size() > kLabelMost) {
        return bad("invalid_args", "error 400/3472: Invalid args: label is too long");
    }
    if (request.disk_gb < 8) {
        return bad("invalid_args", "error 400/3473: Invalid args: disk must be at least 8");
    }
    if (request.price && (*request.price < kBidLowest || *request.price > kBidHighest)) {
        return bad("invalid_price", "error 400/3474: Invalid price: must be 0.001 to 128.0");
    }
    return refuse_money(request);
}

std::optional<Refused> Market::refuse_money(const CreateRequest& request) {
    if (available() <= usd_micros(0)) {
        return bad("insufficient_credit",
                   "error 400/3475: insufficient_credit Your account lacks "
                   "credit; see the billing page.");
    }
    if (scenario_.spend_cap_per_hour.micros <= 0) return std::nullopt;
    // New accounts have caps; the exact code is not known (vast-api Q15).
    std::int64_t hourly = request.price ? request.price->micros : 0;
    const auto ask = asks_.find(request.ask_id);
    if (!request.price && ask != asks_.end()) {
        hourly = machines_.at(ask->second.machine_id).on_demand_per_gpu.micros *
                 static_cast<std::int64_t>(ask->second.gpu_count);
    }
    for (const auto& [machine, ids] : live_on_machine_) {
        for (const ContractNumber id : ids)
            hourly += contracts_.at(id).has_gpus ? contracts_.at(id).gpu_rate.micros : 0;
    }
    if (hourly <= scenario_.spend_cap_per_hour.micros) return std::nullopt;
    return bad("spend_rate_limit",
               "error 400/3476: spend_rate_limit Your account may not spend "
               "that much an hour yet.");
}

CreateOutcome Market::create(const CreateRequest& request, CreateFaults create_faults) {
    if (const auto refused = refuse(request)) return *refused;
    const auto found = asks_.find(request.ask_id);
    if (found == asks_.end()) return gone(request.ask_id, false);
    const Ask ask = found->second;
    const Machine& machine = machines_.at(ask.machine_id);
    const Slice slice{ask.machine_id, ask.first_gpu, ask.gpu_count};
    if (create_faults.stopped_contract) return create_stopped(request, ask);
    const bool free = machine.online && !machine.unlisted && machine.end_date > now_ &&
                      request.disk_gb <= disk_free_gb(machine) && can_take(slice, std::nullopt, 0);
    std::optional<UsdPerHour> bid = request.price;
    if (bid && scenario_.bid_per_gpu) bid = *bid * static_cast<std::int64_t>(ask.gpu_count);
    const bool bid_wins = !bid || *bid >= min_bid(machine, ask.first_gpu, ask.gpu_count);
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
    draw_boot_faults(contract);
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
    if (contract.bid && scenario_.bid_per_gpu) {
        contract.bid = *contract.bid * static_cast<std::int64_t>(ask.gpu_count);
    }
    contract.gpu_rate = contract.bid ? std::min(*contract.bid, on_demand) : on_demand;
    contract.disk_gb = request.disk_gb;
    if (machine.lies || faults_.strikes("boot_disk_short", machine.id)) {
        contract.disk_gb = std::max<std::int64_t>(request.disk_gb / 2, 1);
    }
    contract.storage_rate = storage_rate(machine, contract.disk_gb * 1000);
    contract.label = request.label;
    contract.created = contract.billed_until = now_;
    contract.visible_from = now_ + draw(scenario_.visible);
    contract.end_date = machine.end_date;
    keys_[contract.api_key] = contract.id;
    live_on_machine_[ask.machine_id].insert(contract.id);
    schedule(contract.end_date - now_, TimerKind::kEnd, contract.id);
    Contract& stored = contracts_[contract.id] = std::move(contract);
    note(stored, "created");
    attach_volume(stored);
    notify("instance_created", "Instance created", stored);
    return stored;
}

void Market::attach_volume(Contract& contract) {
    if (!contract.request.volume) return;
    const VolumeRequest& wanted = *contract.request.volume;
    if (!wanted.create_new) {
        const auto found = volumes_.find(wanted.id);
        const bool fits = found != volumes_.end() && !found->second.deleted &&
                          found->second.machine_id == contract.machine_id;
        contract.volume = fits ? wanted.id : 0;
        return;
    }
    const auto made =
        create_volume(volume_ask_of_.at(contract.machine_id), wanted.size_gb, wanted.name);
    if (made) contract.volume = *made;
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

}  // namespace herder::vastsim
