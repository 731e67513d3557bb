#pragma once
// How offers look: the rows of `herder offers` and the plan that `herder launch` shows before it
// spends money, with the reasons for and against.
#include <string>

#include "cli/list_view.h"

namespace herder::cli {

const ListView& offers_list();

// The table of candidates, why not the others, the worst case and what a budget says.
std::string plan_page(const Json& plan, const Look& look);
// "14 of 212 offers match; not taken: 131 too dear".
std::string match_text(const Json& plan);

}  // namespace herder::cli
