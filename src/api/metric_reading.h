#pragma once
// Reads the metrics of a job out of the logs of its attempts, newest first, a step at a time, so
// that others may have the files' thread in between. What one answer reads has a limit: beyond it
// the oldest lines are left out, and that is known.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/log_reader.h"
#include "api/metric_book.h"

namespace herder::api {

struct MetricWish {
    LogName logs;              // of the metrics, of whichever attempt
    std::uint64_t newest = 1;  // attempts
    std::uint64_t oldest = 1;
    std::string name;  // of one metric; empty: all
    std::size_t points = 0;
    LogWindow window{};
};

class MetricReading {
  public:
    struct Limits {
        std::int64_t step = 8 << 20;  // bytes
        std::int64_t all = std::int64_t{256} << 20;
    };
    struct Lost {
        std::uint64_t attempt = 0;
        std::int64_t begin = 0;
        std::int64_t end = 0;
        std::string why;
    };
    struct Deleted {
        std::uint64_t attempt = 0;
        LogDeletion deletion;
    };
    MetricReading(LogStore& logs, MetricWish wish, Limits limits);

    // False once there is nothing more to read, or it has failed.
    bool read_step();

    // An error that answers for all.
    const std::optional<Problem>& problem() const { return problem_; }
    const MetricBook& book() const { return book_; }
    bool has_left_out() const { return has_left_out_; }
    const std::vector<Lost>& lost() const { return lost_; }
    // Attempts whose metrics were deleted on purpose, newest first.
    const std::vector<Deleted>& deleted() const { return deleted_; }

  private:
    bool begin_attempt();
    bool read_piece();
    bool fail(const Error& error);
    void pass_lost(const Error& error);

    LogStore& logs_;
    const MetricWish wish_;
    const Limits limits_;
    MetricBook book_;
    LogName name_;  // of the attempt at hand
    bool is_begun_ = false;
    std::int64_t at_ = 0;
    std::int64_t end_ = 0;
    std::int64_t left_;
    bool has_left_out_ = false;
    std::vector<Lost> lost_;
    std::vector<Deleted> deleted_;
    std::optional<Problem> problem_;
};

}  // namespace herder::api
