#pragma once
// The orchestrator's one entry: `step` applies a batch of inputs to the state and says what follows
// from them. Deterministic: same state, same inputs, same output, bit for bit.
#include <memory>
#include <string>
#include <vector>

#include "core/provisioner/label.h"
#include "core/step/input.h"
#include "core/step/output.h"
#include "core/step/settings.h"
#include "core/step/state.h"

namespace herder {

class Core {
  public:
    Core(ClusterIdentity cluster, Settings settings);
    ~Core();

    // Restores one stored row; call for all rows before the first step.
    Status load_row(const RowChange& row);

    // Applies the inputs in order. Times in a batch never go backwards.
    Output step(const std::vector<Input>& batch);

    // Read-only view for the API; valid until the next step.
    const State& state() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace herder
