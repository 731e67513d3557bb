#pragma once
// How offers look: the rows of `herder offers` and the plan that `herder launch` shows before it
// spends money, with the reasons for and against.
#include <string>

#include "cli/list_view.h"

namespace herder::cli {

// The columns of Vast.ai's own command line; all of them, or those that fit a terminal.
const ListView& offers_list(bool is_wide);
// How many offers each condition removed, and what a little less of it would bring.
Table explanation_table(const Json& explanation);

// The table of candidates, why not the others, the worst case and what a budget says.
std::string plan_page(const Json& plan, const Look& look);
// "14 of 212 offers match; not taken: 131 too dear".
std::string match_text(const Json& plan);

}  // namespace herder::cli
