#include "adapters/providers/vast/api_key.h"

#include <fstream>
#include <vector>

namespace herder::vast {

namespace {

constexpr std::size_t kKeyLengthMax = 1024;

std::string trimmed(const std::string& text) {
    const char* blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The form of a key is not checked beyond what a header can carry: keys of several forms exist.
bool is_usable(const std::string& key) {
    if (key.empty() || key.size() > kKeyLengthMax) return false;
    for (const char c : key) {
        if (c <= ' ' || c > '~') return false;
    }
    return true;
}

std::string read_first_line(const std::string& path) {
    std::ifstream file(path);
    std::string text(kKeyLengthMax + 2, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return trimmed(text.substr(0, text.find('\n')));
}

std::vector<std::string> key_files(const EnvironmentLookup& environment) {
    std::vector<std::string> files;
    const std::string home = environment("HOME").value_or("");
    const std::string config = environment("XDG_CONFIG_HOME").value_or("");
    if (!config.empty()) {
        files.push_back(config + "/vastai/vast_api_key");
    } else if (!home.empty()) {
        files.push_back(home + "/.config/vastai/vast_api_key");
    }
    if (!home.empty()) files.push_back(home + "/.vast_api_key");
    return files;
}

}  // namespace

Result<ApiKey> find_api_key(const EnvironmentLookup& environment) {
    ApiKey found;
    if (const auto variable = environment("VAST_API_KEY"); variable && !variable->empty()) {
        found.key = trimmed(*variable);
        found.source = "VAST_API_KEY";
        if (!is_usable(found.key)) {
            return Error{ErrorCode::kUnauthenticated,
                         "VAST_API_KEY is set but is not a key; copy it from the account page"};
        }
    }
    for (const std::string& file : key_files(environment)) {
        const std::string stored = read_first_line(file);
        if (!is_usable(stored)) continue;
        if (found.key.empty()) {
            found.key = stored;
            found.source = file;
        } else if (stored != found.key && found.source == "VAST_API_KEY") {
            found.hides = file;
        }
        break;
    }
    if (found.key.empty()) {
        return Error{ErrorCode::kUnauthenticated,
                     "no Vast.ai key was found; set VAST_API_KEY or write it to ~/.vast_api_key"};
    }
    return found;
}

Result<ApiKey> read_key_variable(const std::string& name, const EnvironmentLookup& environment) {
    ApiKey found{
        .key = trimmed(environment(name.c_str()).value_or("")), .source = name, .hides = {}};
    if (is_usable(found.key)) return found;
    return Error{ErrorCode::kUnauthenticated,
                 "the variable " + name + " holds no key; set it to the account's key"};
}

Result<ApiKey> read_key_file(const std::string& path) {
    ApiKey found{.key = read_first_line(path), .source = path, .hides = {}};
    if (is_usable(found.key)) return found;
    return Error{ErrorCode::kUnauthenticated,
                 "the file " + path + " holds no key; write the account's key into it, chmod 600"};
}

}  // namespace herder::vast
