#include "engine/provider_runner.h"

#include <type_traits>

namespace herder {

namespace {

constexpr std::size_t kOrdersMax = 1000;
constexpr std::size_t kPeopleMax = 100;

std::string kind_of(const effect::SearchOffers& search) {
    return search.gpu_name + "/" + std::to_string(search.gpu_count);
}

input::CreateEnded not_sent(IntentId intent, const std::string& why) {
    input::CreateEnded ended;
    ended.intent = intent;
    ended.outcome = input::CallOutcome::kRefused;
    ended.not_sent = true;
    ended.detail = why;
    return ended;
}

}  // namespace

ProviderRunner::ProviderRunner(Provider& provider, Hooks hooks)
    : provider_(provider),
      hooks_(std::move(hooks)),
      // Of listings one that waits answers for all that ask until it begins.
      tasks_{FairQueue<Task>(0),          FairQueue<Task>(kOrdersMax),
             FairQueue<Task>(1),          FairQueue<Task>(kOrdersMax),
             FairQueue<Task>(kOrdersMax), FairQueue<Task>(kPeopleMax)} {
    threads_[0] = std::thread([this] { serve_destroys(); });
    for (std::size_t lane = 1; lane < kLanes; ++lane)
        threads_[lane] = std::thread([this, lane] { serve(static_cast<Lane>(lane)); });
}

ProviderRunner::~ProviderRunner() {
    stop();
}

void ProviderRunner::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        destroys_.clear();
        for (FairQueue<Task>& tasks : tasks_)
            tasks.clear();
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

bool ProviderRunner::push(Lane lane, const std::string& owner, Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || !tasks_of(lane).push(0, owner, std::move(task))) return false;
    }
    changed_.notify_all();
    return true;
}

bool ProviderRunner::run(const std::string& owner, Task task) {
    return push(Lane::kPeople, owner, std::move(task));
}

void ProviderRunner::serve(Lane lane) {
    while (true) {
        std::optional<Task> task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this, lane] { return stopping_ || !tasks_of(lane).empty(); });
            if (stopping_) return;
            task = tasks_of(lane).pop();
        }
        (*task)(provider_);
    }
}

void ProviderRunner::serve_destroys() {
    while (true) {
        DestroyBatch batch;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !destroys_.empty(); });
            if (stopping_) return;
            batch = destroys_.take();
        }
        // Whoever leads now asks for it again.
        if (!hooks_.may_act()) continue;
        if (batch.together)
            destroy_together(batch);
        else
            destroy(batch.machines.front());
    }
}

bool ProviderRunner::take(const Effect& effect) {
    return std::visit(
        [this](const auto& e) {
            using T = std::remove_cvref_t<decltype(e)>;
            if constexpr (std::is_same_v<T, effect::CreateMachine>) {
                queue_create(e);
            } else if constexpr (std::is_same_v<T, effect::DestroyMachine>) {
                {
                    const std::lock_guard lock(mutex_);
                    if (!stopping_) destroys_.add(e);
                }
                changed_.notify_all();
            } else if constexpr (std::is_same_v<T, effect::ListMachines>) {
                push(Lane::kList, "", [this](Provider&) { list(); });
            } else if constexpr (std::is_same_v<T, effect::SearchOffers>) {
                const std::string kind = kind_of(e);
                push_once(Lane::kSearch, kind, [this, e](Provider&) { search(e); });
            } else if constexpr (std::is_same_v<T, effect::ReadBootLog>) {
                push_once(Lane::kSearch, "log/" + to_text(e.intent),
                          [this, e](Provider&) { read_boot_log(e); });
            } else if constexpr (std::is_same_v<T, effect::ReadIncreases>) {
                push_once(Lane::kCharges, "increases", [this](Provider&) { read_increases(); });
            } else if constexpr (std::is_same_v<T, effect::ReadMaintenances>) {
                push_once(Lane::kCharges, "maintenances",
                          [this, e](Provider&) { read_maintenances(e); });
            } else if constexpr (std::is_same_v<T, effect::AnswerIncrease>) {
                // Whatever comes of it: one that still waits is read, and answered, again.
                push_once(Lane::kCharges, "increase/" + std::to_string(e.increase),
                          [e](Provider& provider) {
                              (void)provider.answer_increase(e.increase, e.accept);
                          });
            } else if constexpr (std::is_same_v<T, effect::ReadCharges>) {
                push_once(Lane::kCharges, "charges", [this, e](Provider&) { read_charges(e); });
            } else {
                return false;
            }
            return true;
        },
        effect);
}

void ProviderRunner::queue_create(const effect::CreateMachine& effect) {
    if (push(Lane::kCreate, to_text(effect.job), [this, effect](Provider&) { create(effect); })) {
        return;
    }
    hooks_.post(not_sent(effect.intent.id, "not sent: too many rentals wait already"));
}

void ProviderRunner::push_once(Lane lane, const std::string& name, Task task) {
    {
        // The core asks again while it waits; what waits already answers that, too.
        const std::lock_guard lock(mutex_);
        if (tasks_of(lane).has(0, name)) return;
    }
    push(lane, name, std::move(task));
}

void ProviderRunner::create(const effect::CreateMachine& effect) {
    const IntentId intent = effect.intent.id;
    const auto* armed = std::get_if<rent::Armed>(&effect.intent.phase);
    // A frozen process must not send late: looked at immediately before the first byte.
    const auto may_send = [this, armed, intent] {
        if (armed == nullptr || !hooks_.may_act() || hooks_.now() >= armed->send_before) {
            return false;
        }
        hooks_.post(input::CreateStarted{intent});
        return true;
    };
    if (armed == nullptr || !hooks_.may_act() || hooks_.now() >= armed->send_before) {
        return hooks_.post(not_sent(intent, "not sent in time"));
    }
    CreateRequest request = hooks_.make_request(effect);
    request.owner = to_text(effect.job);
    request.may_send = may_send;
    const CreateAnswer answer = provider_.create(request);
    input::CreateEnded ended;
    ended.intent = intent;
    ended.outcome = answer.outcome;
    ended.contract = answer.contract;
    ended.offer_gone = answer.offer_gone;
    ended.stop_all = answer.stop_all;
    ended.not_sent = answer.not_sent;
    ended.retry_in = answer.retry_in;
    ended.detail = answer.detail;
    hooks_.post(ended);
}

void ProviderRunner::destroy(const effect::DestroyMachine& machine) {
    const CallAnswer answer = provider_.destroy(machine.contract);
    hooks_.post(input::DestroyEnded{machine.intent, answer.outcome, answer.detail});
}

void ProviderRunner::destroy_together(const DestroyBatch& batch) {
    std::vector<ContractId> contracts;
    for (const effect::DestroyMachine& machine : batch.machines)
        contracts.push_back(machine.contract);
    const CallAnswer answer = provider_.destroy_many(contracts);
    if (answer.outcome == input::CallOutcome::kRefused && !answer.not_sent) {
        // One by one they take many minutes. What they cost most by is ended at once.
        (void)provider_.stop_many(contracts);
        const std::lock_guard lock(mutex_);
        if (!stopping_) destroys_.refuse_together(batch);
        return;
    }
    for (const effect::DestroyMachine& machine : batch.machines)
        hooks_.post(input::DestroyEnded{machine.intent, answer.outcome, answer.detail});
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
        query.owner = kind_of(effect);
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

void ProviderRunner::read_maintenances(const effect::ReadMaintenances& effect) {
    Result<std::vector<Maintenance>> windows = provider_.maintenances(effect.machines);
    if (windows) hooks_.post(input::MaintenancesRead{std::move(*windows)});
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
