#include "protocol/log_ages.h"

#include <charconv>

namespace herder::protocol {

namespace {

// A century; more would not be an age.
constexpr std::int64_t kMillisecondsMax = std::int64_t{100} * 366 * 86'400'000;

bool read_number(const char*& at, const char* end, std::int64_t& out) {
    const auto read = std::from_chars(at, end, out);
    at = read.ptr;
    return read.ec == std::errc() && out >= 0 && out <= kMillisecondsMax;
}

}  // namespace

std::string to_text(const std::vector<LogAge>& ages) {
    std::string text;
    for (const LogAge& age : ages) {
        text += (text.empty() ? "" : ",") + std::to_string(age.offset) + ":" +
                std::to_string(age.age.whole_milliseconds());
    }
    return text;
}

Result<std::vector<LogAge>> parse_log_ages(const std::string& text) {
    const Error wrong =
        invalid("ages '" + text.substr(0, 100) + "' are not written as OFFSET:MILLISECONDS,...");
    std::vector<LogAge> ages;
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    while (at != end) {
        std::int64_t offset = 0, age = 0;
        if (!ages.empty() && *at++ != ',') return wrong;
        if (!read_number(at, end, offset) || at == end || *at++ != ':' ||
            !read_number(at, end, age) || ages.size() >= kLogAgesMax)
            return wrong;
        ages.push_back({offset, milliseconds(age)});
    }
    return ages;
}

}  // namespace herder::protocol
