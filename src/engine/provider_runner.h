#pragma once
// Carries out the provider's part of the effects, each kind of call on a thread of its own: limits
// are per route, so no kind may wait for another. A hundred destroys that take five minutes must
// not hold up the listings that confirm them (and a search that is not answered no destroy).
#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "engine/effect_runner.h"
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

    ProviderRunner(Provider& provider, Hooks hooks);
    ~ProviderRunner();
    ProviderRunner(const ProviderRunner&) = delete;
    ProviderRunner& operator=(const ProviderRunner&) = delete;

    // Queues the effect if it is one of ours; false otherwise. Never blocks. What waits already is
    // not queued again: the core repeats what it has no answer to.
    bool take(const Effect& effect);
    // A task that uses the provider between two searches, such as a search for the API.
    void run(std::function<void(Provider&)> task);
    void stop();

  private:
    enum class Kind : std::size_t { kDestroy, kCreate, kList, kSearch, kCharges };
    static constexpr std::size_t kKinds = 5;
    struct Task {
        std::string same;  // of tasks that have the same name one may wait; empty: any number
        std::function<void()> call;
    };
    struct Lane {
        std::deque<Task> tasks;       // guarded by mutex_
        std::set<std::string> names;  // of the tasks that wait; guarded by mutex_
        std::thread thread;
    };

    void push(Kind kind, Task task);
    void loop(Lane& lane);
    void create(const effect::CreateMachine& effect);
    void destroy(const effect::DestroyMachine& effect);
    void list();
    void search(const effect::SearchOffers& effect);
    void read_boot_log(const effect::ReadBootLog& effect);
    void read_increases();
    void read_charges(const effect::ReadCharges& effect);

    Provider& provider_;
    const Hooks hooks_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;           // guarded by mutex_
    std::array<Lane, kKinds> lanes_;  // last: their threads use all of the above
};

}  // namespace herder
