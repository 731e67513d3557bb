#include "engine/input_recorder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "core/step/event_records.h"
#include "core/step/input_records.h"

namespace herder {

namespace {

// Frames are: kind, length (both varints), body. Numbers are never reused.
enum FrameKind : int { kRowFrame = 1, kBatchFrame = 2, kDigestFrame = 3, kMakeupFrame = 4 };

struct BatchRecord {
    std::vector<RecordedInput> inputs;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.inputs);
    }
};

struct MakeupRecord {
    CoreMakeup makeup;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.makeup.cluster.name);
        v(2, s.makeup.cluster.key);
        v(3, s.makeup.settings);
    }
};

bool write_all(int file, std::string_view data) {
    while (!data.empty()) {
        const ssize_t written = ::write(file, data.data(), data.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

struct Frame {
    std::uint64_t kind = 0;
    std::string_view body;
};

bool next_frame(std::string_view& in, Frame& frame) {
    return record_detail::get_varint(in, frame.kind) && record_detail::get_slice(in, frame.body);
}

class Replay {
  public:
    Replay(Core& core, const ReplayWatch& watch) : core_(core), watch_(watch) {}

    Status apply(const Frame& frame) {
        switch (frame.kind) {
            case kRowFrame:
                return load(frame.body);
            case kBatchFrame:
                return step(frame.body);
            case kDigestFrame:
                compare(frame.body);
                return ok();
            case kMakeupFrame:
                return ok();
            default:
                return Error{ErrorCode::kCorrupt, "the recording holds a frame of unknown kind " +
                                                      std::to_string(frame.kind)};
        }
    }
    const ReplayReport& report() const { return report_; }

  private:
    Status load(std::string_view body) {
        auto row = decode_row(body);
        if (!row) return row.error();
        ++report_.rows;
        return core_.load_row(*row);
    }
    Status step(std::string_view body) {
        auto record = from_record<BatchRecord>(body);
        if (!record) return record.error();
        std::vector<Input> batch;
        for (RecordedInput& recorded : record->inputs)
            batch.push_back(std::move(recorded.input));
        const Output output = core_.step(batch);
        if (watch_) watch_(batch, output);
        digest_ = digest_output(output);
        ++report_.batches;
        return ok();
    }
    void compare(std::string_view recorded) {
        if (recorded == digest_) return;
        if (report_.differing++ == 0) report_.first_differing = report_.batches;
    }

    Core& core_;
    const ReplayWatch& watch_;
    std::string digest_;
    ReplayReport report_;
};

}  // namespace

Result<std::unique_ptr<InputRecorder>> InputRecorder::create(const std::string& path,
                                                             const CoreMakeup& makeup) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return Error{errno == EEXIST ? ErrorCode::kConflict : ErrorCode::kUnavailable,
                     "creating the recording " + path + ": " + std::strerror(errno)};
    }
    // NOLINTNEXTLINE: private constructor
    std::unique_ptr<InputRecorder> recorder(new InputRecorder(file));
    recorder->append(kMakeupFrame, to_record(MakeupRecord{makeup}));
    return recorder;
}

InputRecorder::~InputRecorder() {
    if (file_ >= 0) ::close(file_);
}

void InputRecorder::record_row(const RowChange& row) {
    append(kRowFrame, encode_row(row));
}

void InputRecorder::record_batch(const std::vector<Input>& batch) {
    if (!is_recording()) return;
    BatchRecord record;
    record.inputs.reserve(batch.size());
    for (const Input& input : batch)
        record.inputs.push_back({input});
    append(kBatchFrame, to_record(record));
}

void InputRecorder::record_output(const Output& output) {
    if (is_recording()) append(kDigestFrame, digest_output(output));
}

void InputRecorder::append(int kind, const std::string& body) {
    if (!is_recording()) return;
    std::string frame;
    record_detail::put_varint(frame, static_cast<std::uint64_t>(kind));
    record_detail::put_varint(frame, body.size());
    frame += body;
    if (write_all(file_, frame)) return;
    log_error("engine.recording_ended", {{"why", std::strerror(errno)}});
    ::close(std::exchange(file_, -1));
}

namespace {

Result<std::string> read_recording(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return not_found("reading the recording " + path + ": it cannot be opened");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

Result<CoreMakeup> read_makeup(const std::string& path) {
    const Result<std::string> content = read_recording(path);
    if (!content) return content.error();
    std::string_view rest = *content;
    Frame frame;
    if (!next_frame(rest, frame) || frame.kind != kMakeupFrame) {
        return Error{ErrorCode::kCorrupt, "reading the recording " + path +
                                              ": it does not begin with the core's makeup; it is "
                                              "no recording, or one of another version"};
    }
    auto record = from_record<MakeupRecord>(frame.body);
    if (!record) return record.error().with_context("reading the recording " + path);
    return record->makeup;
}

Result<ReplayReport> replay_inputs(const std::string& path, Core& core, const ReplayWatch& watch) {
    const Result<std::string> content = read_recording(path);
    if (!content) return content.error();
    std::string_view rest = *content;
    Replay replay(core, watch);
    Frame frame;
    while (!rest.empty() && next_frame(rest, frame)) {
        if (auto applied = replay.apply(frame); !applied) {
            return applied.error().with_context("replaying " + path);
        }
    }
    return replay.report();
}

}  // namespace herder
