#pragma once
// What a folder with training code is made of, as far as its files tell: the script to run, the
// framework that it imports, where its packages are listed, what is too large to travel along.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace herder::cli {

enum class Framework {
    kNone,
    kTransformers,
    kLightning,
    kAccelerate,
    kTorch,
    kKeras,
    kJax,
    kNumpy
};
const char* to_string(Framework framework);

struct LargeFile {
    std::string path;
    std::uint64_t size = 0;
    bool operator==(const LargeFile&) const = default;
};

struct ProjectFacts {
    std::string name{};    // of the folder, as a job can be named
    std::string script{};  // relative; empty: none was found
    Framework framework = Framework::kNone;
    bool uses_trainer = false;            // transformers.Trainer or a subclass of it
    std::string requirements{};           // "requirements.txt" or "pyproject.toml"; empty: neither
    std::vector<std::string> trackers{};  // "wandb", "mlflow", "huggingface_hub"
    std::vector<LargeFile> large_files{};
};

Result<ProjectFacts> scan_project(const std::string& folder);

// The first parts of the modules that a Python text imports: "torch" for "import torch.nn as nn".
std::vector<std::string> imported_modules(const std::string& python);
// "My Project_2" -> "my-project-2".
std::string job_name_of(const std::string& text);

}  // namespace herder::cli
