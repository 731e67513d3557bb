#pragma once
// Says what is wrong with a command line that the parser refused, with the nearest known word.
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace herder::cli {

// "there is no command 'lanuch'; did you mean 'launch'?". `refusal` is the parser's own sentence,
// for what it knows better, such as a value out of its range.
std::string explain_usage(const CLI::App& root, const std::vector<std::string>& arguments,
                          const std::string& refusal);
// The command whose help leads on: "herder jobs".
std::string command_of(const CLI::App& root, const std::vector<std::string>& arguments);

// Whether JSON is asked for, as far as can be told of arguments that were not understood.
bool wants_json(const std::vector<std::string>& arguments, const std::string& usual_format);

}  // namespace herder::cli
