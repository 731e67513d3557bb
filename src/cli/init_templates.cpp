#include "cli/init_templates.h"

#include "base/suggest.h"

namespace herder::cli {

namespace {

// "# Title of it: how to run it" -> "Title of it".
std::string title_of(const std::vector<InitFile>& files) {
    for (const InitFile& file : files) {
        if (file.name != "job.yaml" || !file.text.starts_with("# ")) continue;
        return file.text.substr(2, file.text.find_first_of(":\n") - 2);
    }
    return "";
}

}  // namespace

std::vector<InitTemplate> init_templates() {
    std::vector<InitTemplate> templates;
    for (const ShippedFile& file : shipped_template_files()) {
        if (templates.empty() || templates.back().name != file.folder)
            templates.push_back({.name = std::string(file.folder), .title = "", .files = {}});
        templates.back().files.push_back({std::string(file.name), std::string(file.text)});
    }
    for (InitTemplate& one : templates)
        one.title = title_of(one.files);
    return templates;
}

Result<InitTemplate> find_template(const std::string& name) {
    std::vector<std::string> names;
    for (InitTemplate& one : init_templates()) {
        if (one.name == name) return std::move(one);
        names.push_back(one.name);
    }
    const std::string meant = nearest(name, names);
    return not_found("there is no template '" + name + "'" +
                     (meant.empty() ? "" : "; did you mean '" + meant + "'?") +
                     " (herder init --list)");
}

}  // namespace herder::cli
