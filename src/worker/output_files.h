#pragma once
// Which files a job's `outputs` name when it has ended: paths or globs relative to the work folder,
// and everything in $HERDER_OUTPUT_DIR.
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/cancel.h"
#include "base/result.h"

namespace herder {

struct OutputFile {
    std::string name;  // as it is stored: relative, of the characters of a store's key
    std::string path;  // on this machine
    bool operator==(const OutputFile&) const = default;
};

// The SHA-256 of the file, hex. kCancelled once `stop`, which may be null, says so.
Result<std::string> hash_output(const std::string& path, const http::CancelToken* stop = nullptr);

struct FoundOutputs {
    std::vector<OutputFile> files;  // at most protocol::kOutputsMax, in order of their own names
    // Own names that no store's key can hold, and the names that they are stored under.
    std::vector<std::pair<std::string, std::string>> renamed;
    std::size_t too_many = 0;            // beyond protocol::kOutputsMax
    std::vector<std::string> unmatched;  // patterns that name no file
};

// Each name once. Folders are taken whole.
FoundOutputs find_output_files(const std::string& work_folder,
                               const std::vector<std::string>& patterns,
                               const std::string& output_folder);

// Which of them cannot be stored, and which not under their own names, for people; empty: none.
std::string tell_left_out(const FoundOutputs& found);
std::string tell_renamed(const FoundOutputs& found);

}  // namespace herder
