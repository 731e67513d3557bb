#pragma once
// The files of config/ as they were when this program was built: what counts where a user has no
// file of that name.
#include <string_view>

namespace herder::config {

std::string_view shipped_profiles();

}  // namespace herder::config
