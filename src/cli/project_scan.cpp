#include "cli/project_scan.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "cli/folder_listing.h"
#include "cli/local_files.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kScriptMax = 512 << 10;
constexpr std::size_t kScriptsMax = 500;
constexpr std::uint64_t kLargeFile = 100'000'000;
// A listing that exists to be looked at has to bear what no job could take along.
constexpr ListingLimits kLimits{.entries = 1'000'000, .bytes = ~0ULL >> 1};

struct Rule {
    Framework framework;
    std::vector<const char*> modules;
};
// The first that matches: who imports transformers imports torch as well.
const std::vector<Rule>& rules() {
    static const std::vector<Rule> all = {
        {Framework::kTransformers, {"transformers", "trl", "peft"}},
        {Framework::kLightning, {"lightning", "pytorch_lightning"}},
        {Framework::kAccelerate, {"accelerate"}},
        {Framework::kTorch, {"torch", "torchvision"}},
        {Framework::kKeras, {"keras", "tensorflow"}},
        {Framework::kJax, {"jax", "flax"}},
        {Framework::kNumpy, {"numpy", "sklearn", "scipy", "pandas"}},
    };
    return all;
}

std::string first_part(std::string_view module) {
    const std::size_t end = module.find_first_of(". \t,;#\r");
    return std::string(module.substr(0, end));
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == text.npos ? std::string_view() : text.substr(begin);
}

const std::vector<std::string>& usual_names() {
    static const std::vector<std::string> names = {"train.py",     "main.py", "finetune.py",
                                                   "fine_tune.py", "run.py",  "pretrain.py"};
    return names;
}
bool has_usual_name(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    return std::find(usual_names().begin(), usual_names().end(), name) != usual_names().end();
}
// How likely a script is the one to run, the smaller the better: few folders deep, a usual name.
std::size_t rank_of(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    const auto found = std::find(usual_names().begin(), usual_names().end(), name);
    const auto depth = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
    return depth * (usual_names().size() + 1) +
           static_cast<std::size_t>(found - usual_names().begin());
}

class Scan {
  public:
    Scan(std::string folder, ProjectFacts& facts) : folder_(std::move(folder)), facts_(facts) {}

    void take(const LocalEntry& entry) {
        if (entry.kind != LocalEntry::Kind::kFile) return;
        if (entry.size >= kLargeFile) facts_.large_files.push_back({entry.path, entry.size});
        const bool is_script = entry.path.ends_with(".py") && entry.size <= kScriptMax;
        if (!is_script || ++scripts_ > kScriptsMax) return;
        const std::string text = read_file(folder_ + "/" + entry.path).value_or("");
        for (std::string& module : imported_modules(text))
            modules_.insert(std::move(module));
        if (text.find("Trainer(") != text.npos) has_trainer_ = true;
        const bool may_run = text.find("__main__") != text.npos || has_usual_name(entry.path);
        const std::size_t rank = rank_of(entry.path);
        if (!may_run || (!facts_.script.empty() && rank >= best_)) return;
        best_ = rank;
        facts_.script = entry.path;
    }
    void finish() {
        for (const Rule& rule : rules()) {
            if (facts_.framework != Framework::kNone) break;
            for (const char* module : rule.modules) {
                if (modules_.contains(module)) facts_.framework = rule.framework;
            }
        }
        facts_.uses_trainer = has_trainer_ && facts_.framework == Framework::kTransformers;
        for (const char* tracker : {"wandb", "mlflow", "huggingface_hub"}) {
            if (modules_.contains(tracker)) facts_.trackers.emplace_back(tracker);
        }
    }

  private:
    std::string folder_;
    ProjectFacts& facts_;
    std::set<std::string> modules_;
    std::size_t scripts_ = 0;
    std::size_t best_ = 0;
    bool has_trainer_ = false;
};

}  // namespace

const char* to_string(Framework framework) {
    switch (framework) {
        case Framework::kNone:
            return "no framework that is known";
        case Framework::kTransformers:
            return "transformers";
        case Framework::kLightning:
            return "lightning";
        case Framework::kAccelerate:
            return "accelerate";
        case Framework::kTorch:
            return "torch";
        case Framework::kKeras:
            return "keras";
        case Framework::kJax:
            return "jax";
        case Framework::kNumpy:
            return "numpy";
    }
    return "";
}

std::vector<std::string> imported_modules(const std::string& python) {
    std::vector<std::string> modules;
    std::istringstream lines(python);
    for (std::string line; std::getline(lines, line);) {
        std::string_view text = trimmed(line);
        if (text.starts_with("from ")) {
            modules.push_back(first_part(trimmed(text.substr(5))));
        } else if (text.starts_with("import ")) {
            text.remove_prefix(7);
            while (true) {
                modules.push_back(first_part(trimmed(text)));
                const std::size_t comma = text.find(',');
                if (comma == text.npos) break;
                text.remove_prefix(comma + 1);
            }
        }
    }
    std::erase(modules, "");
    return modules;
}

std::string job_name_of(const std::string& text) {
    constexpr std::size_t kNameMax = 40;
    std::string name;
    for (const char c : text) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool keeps = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        if (keeps && name.size() < kNameMax) name.push_back(lower);
        if (!keeps && !name.empty() && name.back() != '-') name.push_back('-');
    }
    while (name.ends_with('-'))
        name.pop_back();
    return name.empty() ? "job" : name;
}

Result<ProjectFacts> scan_project(const std::string& folder) {
    std::error_code failed;
    const fs::path root = fs::canonical(folder, failed);
    if (failed || !fs::is_directory(root, failed)) return invalid("'" + folder + "' is no folder");
    ProjectFacts facts{.name = job_name_of(root.filename().string())};
    const auto entries = list_folder(root.string(), true, kLimits);
    if (!entries) return entries.error();
    Scan scan(root.string(), facts);
    for (const LocalEntry& entry : *entries)
        scan.take(entry);
    scan.finish();
    for (const char* name : {"requirements.txt", "pyproject.toml"}) {
        if (facts.requirements.empty() && fs::exists(root / name, failed))
            facts.requirements = name;
    }
    return facts;
}

}  // namespace herder::cli
