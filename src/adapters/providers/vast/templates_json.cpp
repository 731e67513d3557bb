#include "adapters/providers/vast/templates_json.h"

#include <boost/json.hpp>

#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

// "-e KEY='value' -p 8080:8080": names that begin with '-' are flags themselves.
Result<std::string> docker_flags(const std::vector<std::pair<std::string, std::string>>& env) {
    std::string flags;
    for (const auto& [key, value] : env) {
        if ((key + value).find_first_of("'\"\n\r\\") != std::string::npos) {
            return invalid("a template's variable '" + one_line(key, 60) +
                           "' holds a quote, a backslash or a line break");
        }
        if (!flags.empty()) flags += " ";
        flags += key.starts_with('-') ? key : "-e " + key + "='" + value + "'";
    }
    return flags;
}

}  // namespace

Result<std::vector<Template>> parse_templates(std::string_view body) {
    std::vector<Template> templates;
    const Status read = read_rows(body, "templates", "templates", [&](const json::object& row) {
        Template one;
        one.id = get_integer(row, "id").value_or(0);
        one.hash = get_line(row, "hash_id");
        one.name = get_line(row, "name");
        one.image = get_line(row, "image");
        templates.push_back(std::move(one));
        return ok();
    });
    if (!read) return read.error();
    return templates;
}

Result<std::string> encode_template(const TemplateDraft& draft) {
    if (draft.name.empty() || draft.image.empty()) {
        return invalid("a template needs a name and an image");
    }
    const auto flags = docker_flags(draft.env);
    if (!flags) return flags.error();
    json::object body;
    body["name"] = draft.name;
    body["image"] = draft.image;
    body["onstart"] = draft.onstart;
    body["env"] = *flags;
    return json::serialize(body);
}

std::string encode_template_id(std::int64_t id) {
    return json::serialize(json::object{{"template_id", id}});
}

}  // namespace herder::vast
