#include "cli/context_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/suggest.h"
#include "cli/local_files.h"
#include "config/fields.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string config_folder() {
    const std::string own = environment("XDG_CONFIG_HOME");
    return (own.empty() ? environment("HOME") + "/.config" : own) + "/herder";
}

std::string contexts_folder() {
    return config_folder() + "/contexts";
}

// Relative to the context's file, as whoever reads the file expects.
void make_absolute(std::string& path) {
    if (path.empty() || path.front() == '/') return;
    if (path.starts_with("~/"))
        path = environment("HOME") + path.substr(1);
    else
        path = contexts_folder() + "/" + path;
}

Status write_file(const std::string& path, const std::string& text) {
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    const std::string fresh = path + ".new";
    std::ofstream(fresh) << text;
    fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, error);
    if (!error) fs::rename(fresh, path, error);
    if (error) return unavailable("cannot write " + path + ": " + error.message());
    return ok();
}

}  // namespace

std::string default_data_dir(const std::string& context) {
    const std::string state = environment("XDG_STATE_HOME");
    const std::string folder =
        (state.empty() ? environment("HOME") + "/.local/state" : state) + "/herder";
    return context == kDefaultContext ? folder : folder + "/contexts/" + context;
}

std::string context_file(const std::string& name) {
    return contexts_folder() + "/" + name + ".yaml";
}

std::vector<std::string> context_names() {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(contexts_folder(), error)) {
        if (entry.path().extension() == ".yaml" && config::is_name(entry.path().stem().string()))
            names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<config::ContextSpec> load_context(const std::string& name) {
    std::error_code error;
    if (!config::is_name(name) || !fs::exists(context_file(name), error)) {
        if (name == kDefaultContext) return config::ContextSpec{};
        const std::string near = did_you_mean(name, context_names());
        return not_found("there is no context '" + name + "'" +
                         (near.empty() ? "; 'herder context ls' lists them" : "; " + near));
    }
    const Result<std::string> text = read_file(context_file(name));
    if (!text) return text.error();
    config::Diagnostics said(context_file(name), config::without_key(*text));
    config::ContextSpec spec = config::parse_context(*text, said);
    if (said.has_errors()) return invalid("the context '" + name + "' is wrong\n" + said.to_text());
    for (std::string* path :
         {&spec.key_file, &spec.data_dir, &spec.budgets_file, &spec.profiles_file})
        make_absolute(*path);
    return spec;
}

std::string current_context() {
    std::ifstream file(config_folder() + "/context");
    std::string name;
    file >> name;
    return name.empty() ? kDefaultContext : name;
}

Status set_current_context(const std::string& name) {
    return write_file(config_folder() + "/context", name + "\n");
}

Status add_context_file(const std::string& name, const config::ContextSpec& spec) {
    if (!config::is_name(name))
        return invalid("'" + name + "' is no name of a-z, 0-9 and '-' for a context");
    std::error_code error;
    if (fs::exists(context_file(name), error)) {
        return Error{ErrorCode::kConflict,
                     "there is a context '" + name + "' already; edit " + context_file(name)};
    }
    return write_file(context_file(name), config::write_context(spec));
}

Result<ChosenContext> choose_context(const std::string& named) {
    ChosenContext chosen;
    chosen.is_named = !named.empty();
    chosen.name = named.empty() ? environment("HERDER_CONTEXT") : named;
    if (chosen.name.empty()) chosen.name = current_context();
    Result<config::ContextSpec> spec = load_context(chosen.name);
    if (!spec) return spec.error();
    chosen.spec = std::move(*spec);
    return chosen;
}

}  // namespace herder::cli
