#pragma once
// Projects to begin with, for `herder init --template`: those of examples/templates as they were
// when this program was built.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/init_files.h"

namespace herder::cli {

struct InitTemplate {
    std::string name;   // "ddp"
    std::string title;  // one line, from the first comment of its job.yaml
    std::vector<InitFile> files;
};

std::vector<InitTemplate> init_templates();
// kNotFound with the nearest name.
Result<InitTemplate> find_template(const std::string& name);

// What was embedded: (template, file, text). In shipped_templates.cpp, which the build writes.
struct ShippedFile {
    std::string_view folder;
    std::string_view name;
    std::string_view text;
};
std::vector<ShippedFile> shipped_template_files();

}  // namespace herder::cli
