#include "cli/pull_files.h"

#include "base/bytes.h"
#include "cli/cells.h"
#include "cli/progress.h"

namespace herder::cli {

namespace {

std::string count_text(std::size_t count, std::int64_t size) {
    return std::to_string(count) + (count == 1 ? " file, " : " files, ") + to_text(Bytes{size});
}

}  // namespace

ExitCode pull_files(Context& context, ServerLink& server, std::vector<WantedFile> wanted) {
    std::vector<bool> is_here;
    std::int64_t size = 0;
    for (const WantedFile& one : wanted) {
        is_here.push_back(is_pulled(one.file, one.size));
        size += is_here.back() ? 0 : one.size;
    }
    Progress progress(context, size);
    ExitCode outcome = ExitCode::kOk;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        PulledFile& file = wanted[i].file;
        file.on_bytes = [&progress](std::int64_t bytes) { progress.add(bytes); };
        if (!is_here[i]) progress.begin(file.name);
        const Result<std::string> place = is_here[i] ? place_of(file) : pull_file(server, file);
        progress.wipe();
        if (place) {
            context.output.data(printable(*place));
            continue;
        }
        outcome = fail(context, place.error());
        // One file that is not what it was says nothing about the others.
        if (place.error().code != ErrorCode::kCorrupt) break;
    }
    return outcome;
}

ExitCode tell_files(Context& context, const std::vector<WantedFile>& wanted) {
    std::size_t coming = 0;
    std::int64_t size = 0;
    for (const WantedFile& one : wanted) {
        if (is_pulled(one.file, one.size)) continue;
        ++coming;
        size += one.size;
        context.output.data(printable(one.file.name) + "\t" + std::to_string(one.size));
    }
    const std::size_t here = wanted.size() - coming;
    context.output.note("would copy " + count_text(coming, size) +
                        (here > 0 ? "; " + std::to_string(here) + " already here" : ""));
    return ExitCode::kOk;
}

}  // namespace herder::cli
