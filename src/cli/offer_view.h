#pragma once
// How offers look: the rows of `herder offers` and the plan that `herder launch` shows before it
// spends money, with the reasons for and against.
#include <string>

#include "cli/list_view.h"

namespace herder::cli {

const ListView& offers_list();

// The table of candidates, why not the others, the worst case and what a budget says.
std::string plan_page(const Json& plan, const Look& look);

}  // namespace herder::cli
