#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "worker/agent.h"

namespace herder {
namespace {

constexpr std::size_t kTokenMin = 16;

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : text + ",") {
        if (c != ',' && c != ' ') {
            part += c;
        } else if (!part.empty()) {
            while (part.back() == '/')
                part.pop_back();
            parts.push_back(std::exchange(part, {}));
        }
    }
    return parts;
}

}  // namespace

Result<AgentSettings> take_settings(char** environment, const std::string& version) {
    AgentSettings settings;
    settings.version = version;
    std::map<std::string, std::string> env;
    for (char** entry = environment; *entry != nullptr; ++entry) {
        const std::string pair = *entry;
        const auto equals = pair.find('=');
        if (equals == std::string::npos) continue;
        env[pair.substr(0, equals)] = pair.substr(equals + 1);
        settings.machine_env.push_back(pair);
        if (pair.rfind("HERDER_JOIN_TOKEN=", 0) == 0 || pair.rfind("CONTAINER_API_KEY=", 0) == 0) {
            // The value in place: /proc/PID/environ shows this very memory.
            std::fill_n(*entry + equals + 1, pair.size() - equals - 1, '\0');
        }
    }
    settings.urls = split(env["HERDER_URLS"]);
    settings.pin = env["HERDER_PIN"];
    settings.join_token = env["HERDER_JOIN_TOKEN"];
    const auto intent = parse_id<IntentTag>(env["HERDER_INTENT"]);
    if (settings.urls.empty()) return invalid("HERDER_URLS is not set: nobody to report to");
    if (!intent) return intent.error().with_context("HERDER_INTENT");
    if (settings.join_token.size() < kTokenMin) return invalid("HERDER_JOIN_TOKEN is missing");
    settings.intent = *intent;
    settings.time_scale = std::max(1LL, std::atoll(env["HERDER_TIME_SCALE"].c_str()));
    settings.home = env["HERDER_HOME"];
    if (settings.home.empty() && !env["HOME"].empty()) settings.home = env["HOME"] + "/.herder";
    if (settings.home.empty()) settings.home = "/tmp/.herder";
    for (const char* name : {DataCache::kFolderVariable, DataCache::kSizeVariable}) {
        if (!env[name].empty()) settings.cache_variables[name] = env[name];
    }
    if (!env["VAST_API_BASE"].empty()) settings.dead_man.api_base = env["VAST_API_BASE"];
    settings.dead_man.instance = env["CONTAINER_ID"];
    settings.dead_man.api_key = env["CONTAINER_API_KEY"];
    return settings;
}

}  // namespace herder
