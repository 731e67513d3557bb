#include "cli/usage_error.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <optional>

#include "base/suggest.h"

namespace herder::cli {

namespace {

using Apps = std::vector<const CLI::App*>;

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(one->get_name());
        for (const std::string& alias : one->get_aliases())
            names.push_back(alias);
    }
    return names;
}

const CLI::App* child(const CLI::App& app, const std::string& name) {
    for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (one->check_name(name)) return one;
    }
    return nullptr;
}

// "--max-price=3" -> "--max-price".
std::string flag_name(const std::string& argument) {
    return argument.substr(0, argument.find('='));
}

// A command's flags and those of all above it, which it takes too.
const CLI::Option* find_flag(const Apps& path, const std::string& name) {
    for (const CLI::App* app : path) {
        for (const CLI::Option* option : app->get_options()) {
            if (option->check_name(name)) return option;
        }
    }
    return nullptr;
}

std::vector<std::string> flags_of(const Apps& path) {
    std::vector<std::string> names;
    for (const CLI::App* app : path) {
        for (const CLI::Option* option : app->get_options()) {
            for (const std::string& name : option->get_lnames())
                names.push_back("--" + name);
        }
    }
    return names;
}

std::string with_suggestion(const std::string& text, const std::string& said,
                            const std::vector<std::string>& known) {
    const std::string hint = did_you_mean(said, known);
    return hint.empty() ? text : text + "; " + hint;
}

std::string title(const Apps& path) {
    std::string text;
    for (const CLI::App* app : path)
        text += (text.empty() ? "" : " ") + app->get_name();
    return text;
}

// Follows the arguments as the parser does, to the first that it cannot know.
class Walk {
  public:
    explicit Walk(const CLI::App& root) : path_{&root} {}

    // What is wrong, or nothing when every word is known.
    std::optional<std::string> find(const std::vector<std::string>& arguments) {
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const std::string& word = arguments[i];
            if (word == "--") return std::nullopt;
            if (word.size() > 1 && word.front() == '-') {
                if (auto wrong = check_flag(word)) return wrong;
                if (takes_value_) ++i;
            } else if (auto wrong = check_word(word)) {
                return wrong;
            }
        }
        return std::nullopt;
    }
    const Apps& path() const { return path_; }

  private:
    std::optional<std::string> check_flag(const std::string& word) {
        takes_value_ = false;
        const bool is_long = word.starts_with("--");
        const std::string name = is_long ? flag_name(word) : word.substr(0, 2);
        const CLI::Option* option = find_flag(path_, name);
        if (option == nullptr) {
            return with_suggestion("'" + title(path_) + "' has no flag '" + name + "'", name,
                                   flags_of(path_));
        }
        const bool has_value = is_long ? word.find('=') != word.npos : word.size() > 2;
        takes_value_ = option->get_items_expected_min() > 0 && !has_value;
        return std::nullopt;
    }

    std::optional<std::string> check_word(const std::string& word) {
        const std::vector<std::string> known = commands_of(*path_.back());
        if (known.empty()) return std::nullopt;  // an argument of the command
        if (const CLI::App* next = child(*path_.back(), word)) {
            path_.push_back(next);
            return std::nullopt;
        }
        const std::string what = path_.size() == 1
                                     ? "there is no command '" + word + "'"
                                     : "'" + title(path_) + "' has no command '" + word + "'";
        return with_suggestion(what, word, known);
    }

    Apps path_;
    bool takes_value_ = false;
};

// The parser's range of all numbers above 0 ends with one of 309 digits.
std::string without_largest(const std::string& refusal) {
    const std::size_t range = refusal.find(" not in range 0.000000 to 179769");
    return range == refusal.npos ? refusal : refusal.substr(0, range) + " is no number above 0";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

}  // namespace

std::string explain_usage(const CLI::App& root, const std::vector<std::string>& arguments,
                          const std::string& refusal) {
    Walk walk(root);
    if (const auto wrong = walk.find(arguments)) return *wrong;
    const std::vector<std::string> known = commands_of(*walk.path().back());
    if (walk.path().back()->get_require_subcommand_min() == 0) return without_largest(refusal);
    return "'" + title(walk.path()) + "' needs one of its commands: " + joined(known);
}

std::string command_of(const CLI::App& root, const std::vector<std::string>& arguments) {
    Walk walk(root);
    (void)walk.find(arguments);
    return title(walk.path());
}

bool wants_json(const std::vector<std::string>& arguments, const std::string& usual_format) {
    std::string format = usual_format;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if ((word == "-o" || word == "--output") && i + 1 < arguments.size())
            format = arguments[i + 1];
        else if (word.starts_with("--output="))
            format = word.substr(9);
        else if (word.starts_with("-o") && word.size() > 2)
            format = word.substr(2);
    }
    return format == "json" || format == "jsonl";
}

}  // namespace herder::cli
