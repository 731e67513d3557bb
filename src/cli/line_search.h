#pragma once
// Keeps the lines of a text that match a regular expression (POSIX extended, as grep -E). Text
// comes in pieces of several sources; a line of one is never mixed with one of another.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder::cli {

class LineSearch {
  public:
    // kInvalid, with what is wrong with it.
    static Result<LineSearch> make(const std::string& expression);
    ~LineSearch();
    LineSearch(LineSearch&&) noexcept;
    LineSearch& operator=(LineSearch&&) noexcept;

    // The whole lines in `text`, and those before it, that match; each with its line end.
    std::string feed(const std::string& source, std::string_view text);
    // What is left over, where it matches: the last lines without an end.
    std::string finish();

  private:
    struct Expression;
    explicit LineSearch(std::unique_ptr<Expression> expression);
    std::unique_ptr<Expression> expression_;
    std::map<std::string, std::string> rests_;
};

}  // namespace herder::cli
