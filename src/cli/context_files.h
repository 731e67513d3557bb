#pragma once
// Which context a command works in, and the files that contexts are kept in:
// $XDG_CONFIG_HOME/herder/contexts/NAME.yaml and, beside the folder, the name of the current one.
#include <string>
#include <vector>

#include "base/result.h"
#include "config/contexts.h"

namespace herder::cli {

inline constexpr const char* kDefaultContext = "default";

struct ChosenContext {
    std::string name = kDefaultContext;
    // By --context on this very command; a habit or a variable may be forgotten.
    bool is_named = false;
    config::ContextSpec spec{};  // paths made absolute
    bool is_guarded() const { return spec.confirm == config::ConfirmRule::kAlways; }
};

// `named` (--context), else $HERDER_CONTEXT, else what `herder context use` chose, else the default
// context, which needs no file. kInvalid with file:line:col for a file that is wrong.
Result<ChosenContext> choose_context(const std::string& named);

// Where the database of a context lies unless its file says otherwise.
std::string default_data_dir(const std::string& context);

std::string context_file(const std::string& name);
// Names of the contexts that have a file.
std::vector<std::string> context_names();
Result<config::ContextSpec> load_context(const std::string& name);
// The current one by choice; "default" where there is none.
std::string current_context();
Status set_current_context(const std::string& name);
// Replaces nothing: kConflict when there is such a file.
Status add_context_file(const std::string& name, const config::ContextSpec& spec);

}  // namespace herder::cli
