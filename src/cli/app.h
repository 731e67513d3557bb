#pragma once
// The command line: global options, a registry of command groups and the exit code. Each group is
// one file that adds its subcommands; programs may add groups of their own (up, vastsim).
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/context_files.h"
#include "cli/exit_codes.h"
#include "cli/output.h"

namespace CLI {
class App;
}

namespace herder::cli {

// What the user gave before or after any subcommand; environment variables are already applied.
struct GlobalOptions {
    std::string format{};      // -o, $HERDER_OUTPUT; empty: by terminal
    bool quiet = false;        // -q
    bool verbose = false;      // -v
    bool yes = false;          // -y
    std::string server_url{};  // --server, $HERDER_SERVER_URL; empty: the data folder's server.json
    std::string data_dir{};    // --data-dir, $HERDER_DATA_DIR, else the context's own folder
    std::string context{};     // --context; empty: $HERDER_CONTEXT, else the current one
    ChosenContext chosen{};    // what that is; server_url and data_dir above follow from it
};

// Where a command reads and writes; tests give their own.
struct Streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool out_is_terminal = false;
    bool in_is_terminal = false;
    bool err_is_terminal = false;
};

// What an action may use. Built after parsing, lives until the command ends.
struct Context {
    const GlobalOptions& options;
    Streams& streams;
    Output& output;
};

using Action = std::function<ExitCode(Context&)>;

// Hands the chosen action from the parser's callback to run_cli, which runs it outside of CLI11.
class Commands {
  public:
    explicit Commands(CLI::App& root) : root_(root) {}
    // A subcommand of `parent` (or of the root). The caller adds options to it, whose variables
    // the action must own: keep them in a shared struct made with keep().
    CLI::App& add(const std::string& name, const std::string& help, Action action,
                  CLI::App* parent = nullptr);
    // The same for what works on the contexts themselves, and so in none of them: a context whose
    // file is wrong must not keep anybody from leaving it.
    CLI::App& add_anywhere(const std::string& name, const std::string& help, Action action,
                           CLI::App& parent);
    bool needs_context() const { return needs_context_; }
    // A group that only holds subcommands: `herder profiles ls`.
    CLI::App& group(const std::string& name, const std::string& help);
    const Action& chosen() const { return chosen_; }

    // Owns option variables until the program ends: `auto& o = commands.keep<LogsOptions>();`.
    template <typename T>
    T& keep() {
        auto holder = std::make_unique<Kept<T>>();
        T& value = holder->value;
        kept_.push_back(std::move(holder));
        return value;
    }

  private:
    struct KeptBase {
        virtual ~KeptBase() = default;
    };
    template <typename T>
    struct Kept : KeptBase {
        T value{};
    };
    CLI::App& root_;
    Action chosen_;
    bool needs_context_ = true;
    std::vector<std::unique_ptr<KeptBase>> kept_;
};

// Adds one group's subcommands.
using Registrar = void (*)(Commands& commands);

// Parses, runs, returns the exit code. `more` comes after the groups of this module.
int run_cli(const std::vector<std::string>& arguments, Streams& streams,
            const std::vector<Registrar>& more = {});
// The same on the process's own streams.
int run_cli(int argc, char** argv, const std::vector<Registrar>& more = {});

// Prints the error and gives its exit code: `if (!job) return fail(context, job.error());`.
ExitCode fail(Context& context, const Error& error);

// What Enter alone means. What destroys wants a word.
enum class OnEnter { kYes, kNo };

// Asks "QUESTION [Y/n]", or [y/N], on stderr. True at once with -y; without a terminal an error
// that names -y. In a guarded context -y counts only where the command itself names the context,
// and the answer is the context's name.
Result<bool> confirm(Context& context, const std::string& question,
                     OnEnter on_enter = OnEnter::kYes);

// The version of this program, "0.1.0".
std::string program_version();

}  // namespace herder::cli
