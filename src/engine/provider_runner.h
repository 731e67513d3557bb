#pragma once
// Carries out the provider's part of the effects. Each kind of call has a lane, a queue with a
// thread of its own, because the provider limits each kind by itself: a search that waits for its
// turn must not hold back a destroy. Which call of which lane leaves first is the provider's gate's
// business.
#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "engine/destroy_queue.h"
#include "engine/effect_runner.h"
#include "engine/fair_queue.h"
#include "ports/provider.h"

namespace herder {

class ProviderRunner {
  public:
    struct Hooks {
        // Hands an input to the engine; any thread.
        std::function<void(InputBody)> post;
        // The logical time now, and whether this process still leads; any thread.
        std::function<Instant()> now;
        std::function<bool()> may_act;
        // The whole create request for an intent: image, onstart, environment.
        std::function<CreateRequest(const effect::CreateMachine&)> make_request;
    };
    using Task = std::function<void(Provider&)>;

    // `provider` is called from several threads.
    ProviderRunner(Provider& provider, Hooks hooks);
    ~ProviderRunner();
    ProviderRunner(const ProviderRunner&) = delete;
    ProviderRunner& operator=(const ProviderRunner&) = delete;

    // Queues the effect if it is one of ours; false otherwise. Never blocks.
    bool take(const Effect& effect);
    // A task for somebody who waits, such as a search for the API; owners take turns. False when
    // too many wait already.
    bool run(const std::string& owner, Task task);
    void stop();

  private:
    enum class Lane : int { kDestroy, kCreate, kList, kSearch, kCharges, kPeople };
    static constexpr std::size_t kLanes = 6;

    bool push(Lane lane, const std::string& owner, Task task);
    FairQueue<Task>& tasks_of(Lane lane) { return tasks_[static_cast<std::size_t>(lane)]; }
    void serve(Lane lane);
    void serve_destroys();
    void queue_create(const effect::CreateMachine& effect);
    // Nothing happens when a task of this name waits in the lane already.
    void push_once(Lane lane, const std::string& name, Task task);
    void create(const effect::CreateMachine& effect);
    void destroy(const effect::DestroyMachine& machine);
    void destroy_together(const DestroyBatch& batch);
    void list();
    void search(const effect::SearchOffers& effect);
    void read_boot_log(const effect::ReadBootLog& effect);
    void read_increases();
    void read_maintenances(const effect::ReadMaintenances& effect);
    void read_charges(const effect::ReadCharges& effect);

    Provider& provider_;
    const Hooks hooks_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::array<FairQueue<Task>, kLanes> tasks_;  // guarded by mutex_, like all below
    DestroyQueue destroys_;
    bool stopping_ = false;
    std::array<std::thread, kLanes> threads_;  // last: they use all of the above
};

}  // namespace herder
