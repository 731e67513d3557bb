#include "cli/config_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "cli/local_files.h"
#include "config/fields.h"
#include "config/shipped.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

std::string user_config_folder() {
    const char* own = std::getenv("XDG_CONFIG_HOME");
    if (own != nullptr && *own != '\0') return std::string(own) + "/herder";
    const char* home = std::getenv("HOME");
    return std::string(home == nullptr ? "" : home) + "/.config/herder";
}

// The project, the user's configuration, the system's.
std::vector<std::string> places_of(const std::string& name) {
    return {".herder/" + name, name, "config/" + name, user_config_folder() + "/" + name,
            "/etc/herder/" + name};
}

void take(LoadedProfiles& loaded, const std::string& name, const std::string& text) {
    config::Diagnostics said(name, text);
    config::Profiles profiles = config::parse_profiles(text, said);
    loaded.merged.add_missing(profiles);
    loaded.files.push_back({std::move(profiles), std::move(said)});
}

// "llama/job.yaml" -> llama; "train-big.yaml" -> train-big; else "job".
std::string fallback_name(const std::string& file) {
    std::error_code ignored;
    const fs::path path = fs::absolute(file, ignored);
    std::string name = path.stem().string();
    if (name == "job") name = path.parent_path().filename().string();
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
        return c == '_' || c == ' ' || c == '.' ? '-' : c;
    });
    return config::is_name(name) ? name : "job";
}

}  // namespace

bool LoadedProfiles::has_errors() const {
    return std::any_of(files.begin(), files.end(),
                       [](const ProfileFile& file) { return file.said.has_errors(); });
}

std::vector<std::string> profile_places() {
    return places_of("gpu_profiles.yaml");
}

std::vector<std::string> budget_places() {
    return places_of("budgets.yaml");
}

Result<LoadedProfiles> load_profiles(const std::string& file, const std::string& first) {
    LoadedProfiles loaded;
    if (!file.empty()) {
        const Result<std::string> text = read_file(file);
        if (!text) return text.error();
        take(loaded, file, *text);
        return loaded;
    }
    if (!first.empty()) {
        const Result<std::string> text = read_file(first);
        if (!text) return text.error().with_context("the profiles of the context");
        take(loaded, first, *text);
    }
    for (const std::string& place : profile_places()) {
        std::error_code ignored;
        if (!fs::exists(place, ignored)) continue;
        const Result<std::string> text = read_file(place);
        if (!text) return text.error();
        take(loaded, place, *text);
    }
    take(loaded, "built in", std::string(config::shipped_profiles()));
    return loaded;
}

Result<std::optional<LoadedBudgets>> load_budgets(const std::string& file) {
    std::string chosen = file;
    for (const std::string& place : budget_places()) {
        std::error_code ignored;
        if (chosen.empty() && fs::exists(place, ignored)) chosen = place;
    }
    if (chosen.empty()) return std::optional<LoadedBudgets>();
    Result<std::string> text = read_file(chosen);
    if (!text) return text.error();
    config::Diagnostics said(chosen, *text);
    LoadedBudgets loaded{.file = chosen, .text = *text, .budgets = {}};
    loaded.budgets = config::parse_budgets(*text, said);
    if (said.has_errors()) return invalid(said.to_text());
    return std::optional(std::move(loaded));
}

Result<LoadedJob> load_job(const std::string& file, const config::Profiles& profiles,
                           const config::JobOptions& options) {
    const Result<std::string> text = read_file(file);
    if (!text) return text.error();
    LoadedJob loaded{.job = {}, .said = config::Diagnostics(file, *text)};
    config::JobOptions chosen = options;
    if (chosen.fallback_name == config::JobOptions{}.fallback_name) {
        chosen.fallback_name = fallback_name(file);
    }
    loaded.job = config::parse_job(*text, profiles, chosen, loaded.said);
    return loaded;
}

Result<std::pair<std::string, std::string>> parse_set(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
        return invalid("'" + text +
                       "' is not KEY=VALUE; write for example resources.max_price=0.5");
    }
    return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace herder::cli
