#include "cli/attempt_choice.h"

#include <charconv>

#include "cli/cells.h"

namespace herder::cli {

Result<AttemptChoice> choose_attempts(const std::string& text) {
    if (text == "all") return AttemptChoice{};
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end || number < 1)
        return invalid("--attempt '" + text + "' is neither a number nor 'all'");
    return AttemptChoice{number, number};
}

Error no_such_attempt(const Json& job, std::int64_t attempt) {
    return not_found("job " + text_at(job, "id") + " has no attempt " + std::to_string(attempt) +
                     "; it has " + text_at(job, "attempts"));
}

}  // namespace herder::cli
