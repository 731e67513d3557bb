#pragma once
// Reads query parameters and gathers all that is wrong with them. Nothing wrong is passed over.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "api/problem_json.h"
#include "base/time.h"

namespace herder::api {

class QueryReader {
  public:
    explicit QueryReader(const Request& request) : request_(request) {}

    // A whole number of at least `min`; more than `max` counts as `max`.
    std::int64_t number(const std::string& name, std::int64_t fallback, std::int64_t min,
                        std::int64_t max);
    // A time, or how long before `now`; nothing where it is not given.
    std::optional<WallTime> time(const std::string& name, WallTime now);
    bool flag(const std::string& name, bool fallback);
    std::string word(const std::string& name, const std::string& fallback,
                     const std::vector<std::string>& known);
    std::string text(const std::string& name) const { return request_.query_or(name, ""); }
    bool has(const std::string& name) const { return request_.query.contains(name); }
    void complain(const std::string& name, const std::string& message,
                  const std::string& suggestion = "");

    bool is_good() const { return wrong_.empty(); }
    Problem problem() const { return {invalid(wrong_.front().message), wrong_}; }

  private:
    const Request& request_;
    std::vector<Complaint> wrong_;
};

// Which part of a list is wanted.
struct Page {
    std::size_t limit = 0;
    std::string cursor;  // of the answer before; empty: from the beginning
};
Page read_page(QueryReader& query, std::int64_t limit);

}  // namespace herder::api
