// Durable submits without HTTP: the engine and its SQLite store, fed as fast as they take it.
// Usage: herder-submit-bench FOLDER [JOBS]. Prints the jobs and the seconds until all were
// answered.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "adapters/store/sqlite/sqlite_store.h"
#include "adapters/system/system_clock.h"
#include "adapters/system/system_entropy.h"
#include "engine/engine.h"

namespace herder {

namespace {

struct NoEffects : EffectRunner {
    void run(const Effect&, Instant) override {}
};

input::SubmitJob make_submit(std::uint64_t number) {
    input::SubmitJob submit;
    submit.reply_to = number;
    submit.client_key = "bench-" + std::to_string(number);
    submit.spec.name = "waits-" + std::to_string(number);
    submit.spec.run = "python train.py";
    ResourceRequest request;
    request.gpu_name = "RTX_4090";
    submit.spec.any_of = {request};
    return submit;
}

int measure(const std::string& folder, std::uint64_t jobs) {
    auto store = open_sqlite_store(folder + "/submit-bench.db");
    if (!store) {
        std::fprintf(stderr, "submit_bench: %s\n", store.error().message.c_str());
        return 1;
    }
    SystemClock clock;
    SystemEntropy entropy;
    NoEffects effects;
    Core core(ClusterIdentity{"bench", std::string(32, 'k')}, Settings{});
    std::uint64_t taken = 0;
    EngineOptions options;
    options.on_reply = [&taken](const Reply& reply) { taken += reply.body.has_value() ? 1 : 0; };
    Engine engine(core, **store, clock, entropy, effects, options);
    if (Status started = engine.start(); !started) return 1;
    while (engine.pump()) {
    }
    const Instant began = clock.monotonic();
    std::uint64_t sent = 0;
    while (taken < jobs) {
        // Always enough waiting for a full batch.
        while (sent < jobs && engine.queued() < options.batch_max * 2) {
            if (!engine.post(make_submit(++sent))) return 1;
        }
        engine.pump();
        if (sent == jobs && engine.queued() == 0 && !engine.is_committing() && taken < jobs) {
            std::fprintf(stderr, "submit_bench: some submits were refused\n");
            return 1;
        }
    }
    const Duration took = clock.monotonic() - began;
    std::printf("%llu %.6f\n", static_cast<unsigned long long>(jobs),
                static_cast<double>(took.us) / 1e6);
    return 0;
}

}  // namespace

}  // namespace herder

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s FOLDER [JOBS]\n", argv[0]);
        return 2;
    }
    const std::uint64_t jobs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 50'000;
    return herder::measure(argv[1], jobs);
}
