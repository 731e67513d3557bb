#pragma once
// How jobs look: the rows of `herder jobs` and the page of `herder show`.
#include <string>

#include "cli/exit_codes.h"
#include "cli/list_view.h"

namespace herder::cli {

const ListView& jobs_list();

// The page for people: the job, its attempts, its money.
std::string job_page(const Json& job, const Look& look);

bool is_ended(const Json& job);
// Of an ended job: 0, 7 where no machine was to be had, else 5.
ExitCode exit_code_of_job(const Json& job);
// "✓ j42 digits succeeded in 3m (2 attempts), cost $0.02"
std::string end_line(const Json& job, const Look& look);

}  // namespace herder::cli
