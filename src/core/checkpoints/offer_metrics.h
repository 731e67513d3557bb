#pragma once
// Which metrics a checkpoint may carry: few and short, for all of them are in the server's memory.
#include <map>
#include <string>

namespace herder {

// What is wrong with them, or empty.
std::string find_metric_fault(const std::map<std::string, std::string>& metrics);

// They are beside the point of a checkpoint and shall not cost it: removes those that
// find_metric_fault would refuse, and says so; empty: all may stay.
std::string drop_unfit_metrics(std::map<std::string, std::string>& metrics);

}  // namespace herder
