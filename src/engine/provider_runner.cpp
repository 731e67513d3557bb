#include "engine/provider_runner.h"

#include <type_traits>

namespace herder {

namespace {

enum Priority : int { kDestroy = 0, kCreate = 1, kList = 2, kSearch = 3, kCharges = 4 };

}  // namespace

ProviderRunner::ProviderRunner(Provider& provider, Hooks hooks)
    : provider_(provider), hooks_(std::move(hooks)), thread_([this] { loop(); }) {}

ProviderRunner::~ProviderRunner() {
    stop();
}

void ProviderRunner::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        tasks_.clear();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ProviderRunner::push(int priority, Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        tasks_.emplace(Slot{priority, next_++}, std::move(task));
    }
    changed_.notify_all();
}

void ProviderRunner::run(std::function<void(Provider&)> task) {
    push(kSearch, std::move(task));
}

void ProviderRunner::loop() {
    while (true) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (stopping_) return;
            task = std::move(tasks_.begin()->second);
            tasks_.erase(tasks_.begin());
        }
        task(provider_);
    }
}

bool ProviderRunner::take(const Effect& effect) {
    return std::visit(
        [this](const auto& e) {
            using T = std::remove_cvref_t<decltype(e)>;
            if constexpr (std::is_same_v<T, effect::CreateMachine>) {
                push(kCreate, [this, e](Provider&) { create(e); });
            } else if constexpr (std::is_same_v<T, effect::DestroyMachine>) {
                push(kDestroy, [this, e](Provider&) { destroy(e); });
            } else if constexpr (std::is_same_v<T, effect::ListMachines>) {
                push(kList, [this](Provider&) { list(); });
            } else if constexpr (std::is_same_v<T, effect::SearchOffers>) {
                push(kSearch, [this, e](Provider&) { search(e); });
            } else if constexpr (std::is_same_v<T, effect::ReadCharges>) {
                push(kCharges, [this, e](Provider&) { read_charges(e); });
            } else {
                return false;
            }
            return true;
        },
        effect);
}

void ProviderRunner::create(const effect::CreateMachine& effect) {
    input::CreateEnded ended;
    ended.intent = effect.intent.id;
    const auto* armed = std::get_if<rent::Armed>(&effect.intent.phase);
    // A frozen process must not send late: looked at immediately before the call.
    if (armed == nullptr || !hooks_.may_act() || hooks_.now() >= armed->send_before) {
        ended.outcome = input::CallOutcome::kRefused;
        ended.not_sent = true;
        ended.detail = "not sent in time";
        return hooks_.post(ended);
    }
    hooks_.post(input::CreateStarted{effect.intent.id});
    CreateRequest request = hooks_.make_request(effect);
    // The market's pace may hold the call back for seconds: asked again just before the first byte.
    request.may_send = [this, send_before = armed->send_before] {
        return hooks_.may_act() && hooks_.now() < send_before;
    };
    const CreateAnswer answer = provider_.create(request);
    ended.outcome = answer.outcome;
    ended.contract = answer.contract;
    ended.offer_gone = answer.offer_gone;
    ended.stop_all = answer.stop_all;
    ended.not_sent = answer.not_sent;
    ended.detail = answer.detail;
    hooks_.post(ended);
}

void ProviderRunner::destroy(const effect::DestroyMachine& effect) {
    if (!hooks_.may_act()) return;
    const CallAnswer answer = provider_.destroy(effect.contract);
    hooks_.post(input::DestroyEnded{effect.intent, answer.outcome, answer.detail});
}

void ProviderRunner::list() {
    input::MachinesListed listed;
    listed.asked = hooks_.now();
    Result<std::vector<ListedMachine>> machines = provider_.list();
    if (machines) {
        listed.complete = true;
        listed.machines = std::move(*machines);
    } else {
        listed.detail = machines.error().message;
    }
    hooks_.post(std::move(listed));
}

void ProviderRunner::search(const effect::SearchOffers& effect) {
    input::OffersFound found;
    found.gpu_name = effect.gpu_name;
    found.gpu_count = effect.gpu_count;
    found.complete = true;
    for (const bool interruptible : {true, false}) {
        if (interruptible ? !effect.interruptible : !effect.on_demand) continue;
        OfferQuery query;
        query.gpu_name = effect.gpu_name;
        query.gpu_count = effect.gpu_count;
        query.disk = effect.disk;
        query.interruptible = interruptible;
        Result<std::vector<Offer>> offers = provider_.search(query);
        if (!offers) {
            found.complete = false;
            found.detail = offers.error().message;
            break;
        }
        found.offers.insert(found.offers.end(), offers->begin(), offers->end());
    }
    hooks_.post(std::move(found));
}

void ProviderRunner::read_charges(const effect::ReadCharges& effect) {
    input::ChargesRead read;
    read.asked = hooks_.now();
    const Result<std::vector<ChargeRow>> rows = provider_.charges(effect.from_day, effect.to_day);
    read.complete = rows.has_value();
    if (rows) {
        for (const ChargeRow& row : *rows) {
            read.charges.push_back(row.charge);
            read.labels.push_back(row.label);
        }
    }
    hooks_.post(std::move(read));
}

}  // namespace herder
