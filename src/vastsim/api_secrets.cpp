// Account secrets: environment variables of every container (vast-api 2.14).
#include <algorithm>
#include <array>
#include <cctype>

#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::size_t kSecretsMost = 100;
constexpr std::size_t kLengthMost = 4096;

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

bool is_clean(const std::string& value) {
    return std::all_of(value.begin(), value.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
    });
}

ApiReply said(const char* sentence) {
    Json body;
    body.set("success", true).set("msg", sentence);
    return json_reply(200, body);
}

ApiReply list_secrets(Call& call) {
    Json secrets = Json::object();
    for (const auto& [key, value] : call.account.secrets)
        secrets.set(key, "*****");
    Json body;
    body.set("success", true).set("secrets", std::move(secrets));
    return json_reply(200, body);
}

std::optional<ApiReply> refuse(const Call& call) {
    if (call.find("key") == nullptr || call.find("value") == nullptr) {
        return failure(400, "missing_input", "key and value are required");
    }
    const std::string key = call.text("key");
    const std::string value = call.text("value");
    if (key.empty() || value.empty()) return failure(400, "empty_input", "key or value is empty");
    if (key.size() > kLengthMost || value.size() > kLengthMost) {
        return failure(400, "input_too_long", "key or value is too long");
    }
    if (!is_clean(value)) return failure(400, "invalid_characters", "Invalid characters in value");
    return std::nullopt;
}

ApiReply add_secret(Call& call) {
    if (auto refused = refuse(call)) return *refused;
    const std::string key = upper(call.text("key"));
    if (call.account.secrets.contains(key)) {
        return failure(400, "existing_key", "Environment variable already exists");
    }
    if (call.account.secrets.size() >= kSecretsMost) {
        return failure(400, "max_secrets", "Too many environment variables");
    }
    call.account.secrets[key] = call.text("value");
    return said("Environment variable added successfully");
}

ApiReply change_secret(Call& call) {
    if (auto refused = refuse(call)) return *refused;
    const auto found = call.account.secrets.find(upper(call.text("key")));
    if (found == call.account.secrets.end()) {
        return failure(400, "nonexistent_key", "Environment variable does not exist");
    }
    found->second = call.text("value");
    return said("Environment variable updated successfully");
}

ApiReply remove_secret(Call& call) {
    if (call.find("key") == nullptr) return failure(400, "missing_input", "key is required");
    if (call.account.secrets.erase(upper(call.text("key"))) == 0) {
        return failure(400, "nonexistent_key", "Environment variable does not exist");
    }
    return said("Environment variable deleted successfully");
}

constexpr std::array kRoutes = {
    Route{"GET", "/api/v0/secrets/", "user_read", list_secrets},
    Route{"POST", "/api/v0/secrets/", "user_write", add_secret},
    Route{"PUT", "/api/v0/secrets/", "user_write", change_secret},
    Route{"DELETE", "/api/v0/secrets/", "user_write", remove_secret},
};

}  // namespace

std::span<const Route> secret_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
