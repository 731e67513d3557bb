#pragma once
// The network between rented machines and the server: late, lossy, repeating itself, and for each
// machine at times a one-way street.
#include <functional>
#include <map>

#include "core/provisioner/intent.h"
#include "sim/stage.h"

namespace herder::sim {

enum class Way { kToServer, kToAgent };

class FakeNetwork {
  public:
    explicit FakeNetwork(Stage& stage) : stage_(stage), draw_(stage.seed, "network") {}

    // Runs `arrive` after the journey, perhaps twice, perhaps never.
    void send(ContractId machine, Way way, std::function<void()> arrive);
    // Every ten minutes, for each machine that runs.
    void disturb(ContractId machine);
    bool is_cut(ContractId machine, Way way) const;

  private:
    Duration journey();

    Stage& stage_;
    RandomStream draw_;
    std::map<std::pair<ContractId, Way>, Instant> cut_until_;
};

}  // namespace herder::sim
