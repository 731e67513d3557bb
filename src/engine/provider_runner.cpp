#include "engine/provider_runner.h"

#include <type_traits>

namespace herder {

ProviderRunner::ProviderRunner(Provider& provider, Hooks hooks)
    : provider_(provider), hooks_(std::move(hooks)) {
    for (Lane& lane : lanes_)
        lane.thread = std::thread([this, &lane] { loop(lane); });
}

ProviderRunner::~ProviderRunner() {
    stop();
}

void ProviderRunner::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (Lane& lane : lanes_)
            lane.tasks.clear();
    }
    changed_.notify_all();
    for (Lane& lane : lanes_) {
        if (lane.thread.joinable()) lane.thread.join();
    }
}

void ProviderRunner::push(Kind kind, Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        Lane& lane = lanes_[static_cast<std::size_t>(kind)];
        if (!task.same.empty() && !lane.names.insert(task.same).second) return;
        lane.tasks.push_back(std::move(task));
    }
    changed_.notify_all();
}

void ProviderRunner::run(std::function<void(Provider&)> task) {
    push(Kind::kSearch, {"", [this, task = std::move(task)] { task(provider_); }});
}

void ProviderRunner::loop(Lane& lane) {
    while (true) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return stopping_ || !lane.tasks.empty(); });
            if (stopping_) return;
            task = std::move(lane.tasks.front());
            lane.tasks.pop_front();
            lane.names.erase(task.same);
        }
        task.call();
    }
}

bool ProviderRunner::take(const Effect& effect) {
    return std::visit(
        [this](const auto& e) {
            using T = std::remove_cvref_t<decltype(e)>;
            if constexpr (std::is_same_v<T, effect::CreateMachine>) {
                push(Kind::kCreate, {"", [this, e] { create(e); }});
            } else if constexpr (std::is_same_v<T, effect::DestroyMachine>) {
                push(Kind::kDestroy, {to_text(e.intent) + "/" + std::to_string(e.contract.value),
                                      [this, e] { destroy(e); }});
            } else if constexpr (std::is_same_v<T, effect::ListMachines>) {
                push(Kind::kList, {"list", [this] { list(); }});
            } else if constexpr (std::is_same_v<T, effect::SearchOffers>) {
                push(Kind::kSearch,
                     {e.gpu_name + "/" + std::to_string(e.gpu_count), [this, e] { search(e); }});
            } else if constexpr (std::is_same_v<T, effect::ReadBootLog>) {
                push(Kind::kSearch, {"log/" + to_text(e.intent), [this, e] { read_boot_log(e); }});
            } else if constexpr (std::is_same_v<T, effect::ReadIncreases>) {
                push(Kind::kCharges, {"increases", [this] { read_increases(); }});
            } else if constexpr (std::is_same_v<T, effect::AnswerIncrease>) {
                // Whatever comes of it: one that still waits is read, and answered, again.
                push(Kind::kCharges, {"increase/" + std::to_string(e.increase), [this, e] {
                                          (void)provider_.answer_increase(e.increase, e.accept);
                                      }});
            } else if constexpr (std::is_same_v<T, effect::ReadCharges>) {
                push(Kind::kCharges, {"charges", [this, e] { read_charges(e); }});
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

void ProviderRunner::read_boot_log(const effect::ReadBootLog& effect) {
    LogQuery query;
    query.filter = "herder-boot";
    // No log is no news: the core asks again, and its deadline holds in any case.
    const Result<std::string> log = provider_.logs(effect.contract, query);
    hooks_.post(input::BootLogRead{effect.intent, log.value_or("")});
}

void ProviderRunner::read_increases() {
    Result<std::vector<PriceIncrease>> increases = provider_.increases();
    if (increases) hooks_.post(input::IncreasesRead{std::move(*increases)});
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
