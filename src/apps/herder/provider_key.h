#pragma once
// What the account's key may do, for the log at the start and for `herder doctor`: a key that can
// do more than renting needs is a larger loss when it is stolen.
#include <mutex>

#include "adapters/providers/vast/vast_account.h"
#include "ports/provider.h"

namespace herder {

class ProviderKey {
  public:
    // `found`: where the key came from. `account` outlives this.
    ProviderKey(vast::VastAccount& account, KeyReport found);

    // Asks the market until it has said once what the key may do. Blocks; any thread.
    KeyReport report();
    // The same, into the log.
    void tell();
    // What else the account has registered, as far as the key may read it. Blocks; any thread.
    AccountSetup setup();

  private:
    vast::VastAccount& account_;
    std::mutex mutex_;
    KeyReport report_;  // guarded by mutex_
};

}  // namespace herder
