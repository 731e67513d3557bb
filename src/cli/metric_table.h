#pragma once
// The metrics of a job as rows for a spreadsheet: every value exactly, one row a line that the
// training wrote. Reads the attempts twice, so that a long job does not fill the memory.
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder::cli {

class MetricTable {
  public:
    // Hands on the text of an attempt, cut anywhere, from its beginning.
    using Source = std::function<Status(std::int64_t attempt,
                                        const std::function<void(std::string_view text)>& on_text)>;
    struct Options {
        std::int64_t first_attempt = 1;
        std::int64_t last_attempt = 1;
        std::vector<std::string> names;  // of the columns, in this order; empty: all, sorted
    };
    MetricTable(Source source, Options options)
        : source_(std::move(source)), options_(std::move(options)) {}

    // "step,time,attempt,loss,..." and the rows, oldest first. kNotFound: there is no such metric.
    Status write_csv(const std::function<void(const std::string& row)>& on_row);
    // Lines that are no metrics.
    std::int64_t bad_lines() const { return bad_lines_; }

  private:
    Source source_;
    Options options_;
    std::int64_t bad_lines_ = 0;
};

// With what is meant instead, or that there are none at all.
Error no_such_metric(const std::string& name, const std::vector<std::string>& known);

// As RFC 4180 has it: in quotes where it must be.
std::string csv_field(const std::string& text);

}  // namespace herder::cli
