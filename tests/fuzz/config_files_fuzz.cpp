// Everything that reads what a person wrote: job, profile and budget files, --set. No text may
// crash a reader, a complaint points into the file, and a job that was taken holds its own
// promises. The first byte chooses the reader. Run it with -detect_leaks=0: libfyaml 0.7.12 keeps
// some hundred bytes of every text that it refuses (seen 2026-11-24), which ends with the command
// that read the file.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "config/accelerators.h"
#include "config/budgets.h"
#include "config/job_file.h"
#include "config/yaml.h"

namespace {

using namespace herder;
using namespace herder::config;

// Shows it, too: the text with its marks is the part that counts columns.
void check_diagnostics(const Diagnostics& said) {
    for (const Diagnostic& one : said.list()) {
        HERDER_ASSERT(one.place.line >= 1 && one.place.column >= 1);
        HERDER_ASSERT(!one.message.empty());
    }
    HERDER_ASSERT(said.list().empty() == said.to_text().empty());
}

const Profiles& some_profiles() {
    static const Profiles profiles = [] {
        const std::string text = "profiles:\n  dev-test: {gpu_name: RTX_4090, max_dph: 0.25}\n";
        Diagnostics said("gpu_profiles.yaml", text);
        return parse_profiles(text, said);
    }();
    return profiles;
}

void fuzz_job(const std::string& text, const JobOptions& options) {
    Diagnostics said("job.yaml", text);
    const JobFile job = parse_job(text, some_profiles(), options, said);
    check_diagnostics(said);
    if (said.has_errors()) return;
    HERDER_ASSERT(!job.spec.name.empty() && !job.spec.run.empty());
    HERDER_ASSERT(job.spec.priority >= 0 && job.spec.priority <= 100);
    HERDER_ASSERT(!job.explained.empty());
}

void fuzz_profiles(const std::string& text) {
    Diagnostics said("gpu_profiles.yaml", text);
    const Profiles profiles = parse_profiles(text, said);
    check_diagnostics(said);
    if (said.has_errors()) return;
    for (const Profile& profile : profiles.all) {
        HERDER_ASSERT(!profile.name.empty());
        HERDER_ASSERT(!profile.gpu_count || *profile.gpu_count > 0);
        HERDER_ASSERT(!profile.price_max || profile.price_max->amount > UsdPerHour{});
    }
}

void fuzz_budgets(const std::string& text) {
    Diagnostics said("budgets.yaml", text);
    const auto budgets = parse_budgets(text, said);
    check_diagnostics(said);
    if (said.has_errors()) return;
    for (const BudgetSpec& budget : budgets)
        HERDER_ASSERT(!budget.name.empty());
}

// "PATH=VALUE" on a small job; what --set made of it is read like any file.
void fuzz_set(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return;
    JobOptions options;
    options.sets = {{text.substr(0, equals), text.substr(equals + 1)}};
    fuzz_job("name: a\nrun: \"true\"\nresources: {accelerators: A100:1}\n", options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
        case 0:
            fuzz_job(text, {});
            break;
        case 1:
            fuzz_profiles(text);
            break;
        case 2:
            fuzz_budgets(text);
            break;
        case 3:
            fuzz_set(text);
            break;
    }
    return 0;
}
