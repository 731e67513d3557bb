#pragma once
// Hands effects to whoever carries them out; set up before the engine starts.
#include "base/log.h"
#include "engine/artifact_runner.h"
#include "engine/provider_runner.h"

namespace herder {

class Effects : public EffectRunner {
  public:
    void run(const Effect& effect, Instant) override {
        if (!provider->take(effect) && !artifacts->take(effect)) log_error("effect.unknown", {});
    }
    ProviderRunner* provider = nullptr;
    ArtifactRunner* artifacts = nullptr;
};

}  // namespace herder
