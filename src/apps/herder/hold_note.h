#pragma once
// What `herder panic` leaves in the data folder when no server runs, so that the next server rents
// nothing and pauses its jobs: who did it. The server takes it into its database and removes it.
#include <string>

#include "base/result.h"

namespace herder {

Status write_hold_note(const std::string& data_dir, const std::string& actor);
// Empty where there is none.
std::string read_hold_note(const std::string& data_dir);
void remove_hold_note(const std::string& data_dir);

}  // namespace herder
