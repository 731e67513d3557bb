#pragma once
// Records what the core was fed (`--record FILE`), so that a real incident replays through it: the
// core's identity and settings, the rows loaded at the start, then every batch and a digest of what
// came out. The file holds secrets (the cluster's key, draws that become join tokens): it is
// created readable by its owner alone.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/step/core.h"

namespace herder {

// What a core is made of, beside its rows.
struct CoreMakeup {
    ClusterIdentity cluster;
    Settings settings;
};

class InputRecorder {
  public:
    // Creates the file; refuses one that exists.
    static Result<std::unique_ptr<InputRecorder>> create(const std::string& path,
                                                         const CoreMakeup& makeup);
    ~InputRecorder();
    InputRecorder(const InputRecorder&) = delete;
    InputRecorder& operator=(const InputRecorder&) = delete;

    // A write that fails ends the recording with a log event; it never disturbs the engine.
    void record_row(const RowChange& row);
    void record_batch(const std::vector<Input>& batch);
    void record_output(const Output& output);
    bool is_recording() const { return file_ >= 0; }

  private:
    explicit InputRecorder(int file) : file_(file) {}
    void append(int kind, const std::string& body);

    int file_;
};

struct ReplayReport {
    std::uint64_t rows = 0;
    std::uint64_t batches = 0;
    std::uint64_t differing = 0;        // batches whose output is not the recorded one
    std::uint64_t first_differing = 0;  // 1 for the first batch; 0: none
    bool operator==(const ReplayReport&) const = default;
};

// The core that was recorded.
Result<CoreMakeup> read_makeup(const std::string& path);

// Sees each batch and what came out of it now, before it is compared.
using ReplayWatch = std::function<void(const std::vector<Input>&, const Output&)>;

// Feeds the recording to a new core, usually of the same makeup. A torn last frame (the process was
// killed) ends the replay without an error.
Result<ReplayReport> replay_inputs(const std::string& path, Core& core,
                                   const ReplayWatch& watch = {});

// SHA-256 (hex) over everything in the output; equal outputs have equal digests.
std::string digest_output(const Output& output);

}  // namespace herder
