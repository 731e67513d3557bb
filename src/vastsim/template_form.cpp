#include "vastsim/template_form.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace herder::vastsim {

namespace {

// Fields of a template that a create takes over; `tag` is appended to the image.
constexpr std::array<std::string_view, 8> kInherited = {
    "image",       "onstart",         "runtype",     "args_str",
    "image_login", "use_jupyter_lab", "jupyter_dir", "extra"};

bool is_given(const Json* value) {
    return value != nullptr && !value->is_null() && *value != Json("");
}

Json merged_env(const Json* of_template, const Json* of_request) {
    Json env = Json::object();
    if (of_template != nullptr && of_template->if_string()) {
        for (const auto& [key, value] : parse_env_flags(*of_template->if_string()))
            env.set(key, value);
    }
    if (of_request != nullptr && of_request->if_object()) {
        for (const auto& [key, value] : *of_request->if_object())
            env.set(key, value);
    }
    return env;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_env_flags(const std::string& flags) {
    std::vector<std::pair<std::string, std::string>> env;
    std::istringstream words(flags);
    for (std::string word; words >> word;) {
        std::string value;
        if (!word.starts_with('-') || !(words >> value)) continue;
        if (word != "-e") {
            env.emplace_back(word + " " + value, "1");
            continue;
        }
        const std::size_t equals = value.find('=');
        std::string text = equals == std::string::npos ? "" : value.substr(equals + 1);
        std::erase(text, '"');
        env.emplace_back(value.substr(0, equals), text);
    }
    return env;
}

const Template* find_template(const Account& account, const Json& body) {
    const Json* hash = body.find("template_hash_id");
    const Json* id = body.find("template_id");
    if (!is_given(hash) && !is_given(id)) return nullptr;
    for (const Template& one : account.templates) {
        if (is_given(hash) && hash->if_string() && *hash->if_string() == one.hash) return &one;
        if (is_given(id) && id->to_integer().value_or(0) == one.id) return &one;
    }
    return nullptr;
}

Result<Json> merge_template(const Account& account, const Json& body) {
    if (!is_given(body.find("template_hash_id")) && !is_given(body.find("template_id"))) {
        return body;
    }
    const Template* base = find_template(account, body);
    if (base == nullptr) return invalid("error 400/3469: Invalid args: no such template");
    Json merged = body;
    for (const std::string_view field : kInherited) {
        const Json* value = base->fields.find(field);
        if (is_given(value) && !is_given(body.find(field))) merged.set(std::string(field), *value);
    }
    const Json* tag = base->fields.find("tag");
    const bool own_image = is_given(body.find("image"));
    if (!own_image && is_given(tag) && tag->if_string() && merged.find("image") != nullptr &&
        merged.find("image")->if_string()) {
        merged.set("image", *merged.find("image")->if_string() + ":" + *tag->if_string());
    }
    merged.set("env", merged_env(base->fields.find("env"), body.find("env")));
    return merged;
}

void note_template(const Account& account, const Json& body, CreateRequest& request) {
    const Template* base = find_template(account, body);
    if (base == nullptr) return;
    request.template_id = base->id;
    request.template_hash = base->hash;
    const Json* name = base->fields.find("name");
    if (name != nullptr && name->if_string()) request.template_name = *name->if_string();
}

}  // namespace herder::vastsim
