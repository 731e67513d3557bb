#pragma once
// Carries out the provider's part of the effects on a thread of its own: calls that stop money
// first (destroy), then create, then listings, searches and charges. One call at a time, because a
// provider's limits are per identity.
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
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

    // Queues the effect if it is one of ours; false otherwise. Never blocks.
    bool take(const Effect& effect);
    // A task that uses the provider between two calls, such as a search for the API.
    void run(std::function<void(Provider&)> task);
    void stop();

  private:
    using Task = std::function<void(Provider&)>;
    // Order of service: priority, then arrival.
    using Slot = std::pair<int, std::uint64_t>;

    void push(int priority, Task task);
    void loop();
    void create(const effect::CreateMachine& effect);
    void destroy(const effect::DestroyMachine& effect);
    void list();
    void search(const effect::SearchOffers& effect);
    void read_charges(const effect::ReadCharges& effect);

    Provider& provider_;
    const Hooks hooks_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Slot, Task> tasks_;  // guarded by mutex_, like all below
    std::uint64_t next_ = 0;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above from its first moment
};

}  // namespace herder
