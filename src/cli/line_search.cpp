#include "cli/line_search.h"

#include <regex.h>

#include <array>

namespace herder::cli {

namespace {

// A longer one is searched in parts, so that a log without line ends does not fill the memory.
constexpr std::size_t kLineMax = 1 << 20;

}  // namespace

struct LineSearch::Expression {
    ~Expression() { regfree(&compiled); }
    bool is_in(const std::string& line) const {
        // By its length: binary output has zero bytes in its lines.
        regmatch_t whole{0, static_cast<regoff_t>(line.size())};
        return regexec(&compiled, line.data(), 0, &whole, REG_STARTEND) == 0;
    }
    regex_t compiled{};
};

Result<LineSearch> LineSearch::make(const std::string& expression) {
    if (expression.empty()) return invalid("--search '' is empty; every line would match");
    auto made = std::make_unique<Expression>();
    const int wrong = regcomp(&made->compiled, expression.c_str(), REG_EXTENDED | REG_NOSUB);
    if (wrong == 0) return LineSearch(std::move(made));
    std::array<char, 200> why{};
    regerror(wrong, &made->compiled, why.data(), why.size());
    made->compiled = {};
    return invalid("--search '" + expression + "' is no regular expression: " + why.data() +
                   "; write a backslash before . * + ? ( ) [ { ^ $ | that are meant as they stand");
}

LineSearch::LineSearch(std::unique_ptr<Expression> expression)
    : expression_(std::move(expression)) {}
LineSearch::~LineSearch() = default;
LineSearch::LineSearch(LineSearch&&) noexcept = default;
LineSearch& LineSearch::operator=(LineSearch&&) noexcept = default;

std::string LineSearch::feed(const std::string& source, std::string_view text) {
    std::string& rest = rests_[source];
    std::string found;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        rest += text.substr(0, end);
        if (end == std::string_view::npos && rest.size() < kLineMax) break;
        if (expression_->is_in(rest)) found += rest + "\n";
        rest.clear();
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return found;
}

std::string LineSearch::finish() {
    std::string found;
    for (auto& [source, rest] : rests_) {
        if (!rest.empty() && expression_->is_in(rest)) found += rest + "\n";
        rest.clear();
    }
    return found;
}

}  // namespace herder::cli
