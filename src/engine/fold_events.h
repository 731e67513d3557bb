#pragma once
// The tables as the event log tells them: every row change is in the log as an after-image, so that
// a log replayed from empty gives the same tables. For audits, tests and disaster recovery.
#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "core/step/output.h"
#include "ports/store.h"

namespace herder {

using Tables = std::map<std::pair<Table, std::string>, std::string>;

// Applies one event; events without a row change nothing.
void fold_event(const Event& event, Tables& tables);

// The whole log, read in pages. kCorrupt if numbers are missing or out of order.
Result<Tables> fold_events(Store& store);

Result<Tables> read_tables(Store& store);

// kCorrupt, with the first row that differs, if log and tables do not tell the same.
Status check_log_against_tables(Store& store);

}  // namespace herder
