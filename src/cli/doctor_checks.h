#pragma once
// What `herder doctor` looks at: each check says what it found and, where that is not well, the
// command that helps. Changes nothing but one small object in the server's store.
#include <string>
#include <vector>

#include "cli/server_link.h"

namespace herder::cli {

enum class Health { kGood, kDoubtful, kBad };

struct Finding {
    std::string group;  // "server"
    std::string check;  // "token"
    Health health = Health::kGood;
    std::string found{};
    std::string remedy{};
};

// Of this machine: token file, disk, ssh key, profiles.
std::vector<Finding> check_local(const GlobalOptions& options);
// Of the server and what it can reach; ends with the first that makes the rest pointless.
std::vector<Finding> check_server_side(ServerLink& server);
// Of the account at the provider, as the server sees it (doctor_provider.cpp).
std::vector<Finding> check_provider(ServerLink& server);

}  // namespace herder::cli
