#pragma once
// The hashes of outputs, computed on a thread of its own while the files are sent, so that nobody
// waits for them afterwards.
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/cancel.h"
#include "protocol/output_hashes.h"
#include "worker/output_files.h"

namespace herder {

class OutputHashing {
  public:
    explicit OutputHashing(std::vector<OutputFile> files);
    // Breaks off what is not done.
    ~OutputHashing();
    OutputHashing(const OutputHashing&) = delete;
    OutputHashing& operator=(const OutputHashing&) = delete;

    // Waits for the thread. Without files that cannot be read, and without those that have been
    // written to since they were hashed: what was sent of them may be something else. Once.
    protocol::OutputHashes finish();

  private:
    struct Stamp {
        std::int64_t size = 0;
        std::int64_t modified_ns = 0;
        bool operator==(const Stamp&) const = default;
    };
    struct Hashed {
        std::string sha256;
        Stamp stamp;  // from before it was read
    };
    static std::optional<Stamp> stamp_of(const std::string& path);
    void run();

    const std::vector<OutputFile> files_;
    http::CancelToken stop_;
    std::map<std::string, Hashed> done_;  // by name; the thread's until it is joined
    std::thread thread_;                  // last: it uses all of the above
};

}  // namespace herder
