#pragma once
// Sends the files that a job leaves to where the server says: whole, several of the small ones at
// once, or in parts where they are large. Goes on for as long as something arrives now and then
// (output_patience.h); what the store refuses for good holds up no other file.
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "worker/block_sums.h"
#include "worker/machine_clock.h"
#include "worker/output_files.h"
#include "worker/output_patience.h"
#include "worker/part_uploader.h"
#include "worker/server_link.h"

namespace herder {

class OutputUpload {
  public:
    // Of one attempt, from run to run.
    struct Memory {
        std::set<std::string> stored{};   // as they were, see mark_of() in the source
        std::set<std::string> missing{};  // names that were told
    };
    struct Parts {
        ServerLink& link;
        std::function<protocol::SyncResponse()> newest;
        const http::CancelToken& stop;
        std::function<void(const std::string& line)> say;  // for the job's log
        OutputPatience::Limits patience;  // in real time; then the rest is given up
        Memory& memory;
        std::function<Instant()> now = real_now;  // any thread
    };
    struct Sent {
        // An error where another run may do better, or where nothing of this attempt counts any
        // more.
        Status status = ok();
        std::set<std::string> missing{};  // names
        std::string why{};                // they are, in a sentence; empty: nothing is missing
    };
    explicit OutputUpload(Parts parts)
        : parts_(std::move(parts)), patience_(parts_.patience, parts_.now()) {}

    // Once.
    Sent run(const std::vector<OutputFile>& files);
    // Any thread: it ends as soon as it can.
    void give_up();

  private:
    // As it was when it was summed.
    struct Content {
        BlockSums sums;
        std::int64_t modified_ns = -1;
    };
    class Hold;
    // What came of a file.
    struct Try {
        std::string mark{};            // of the file as it was sent
        std::optional<Status> done{};  // nothing: it was not tried
    };
    Sent send_all(const std::vector<OutputFile>& files);
    // Those that one request asks URLs for.
    std::vector<Try> send_batch(const std::vector<OutputFile>& files);
    Try send_one(const OutputFile& file, const std::string& url);
    void note_outcome(const Status& done);
    void settle(const OutputFile& file, const Try& one, Sent& sent);
    void remember(const OutputFile& file, const std::string& mark);
    Result<std::vector<std::string>> sign(const std::vector<OutputFile>& files);
    Status send(const OutputFile& file, std::string url);
    Status send_whole(const OutputFile& file, std::string& url);
    Status send_in_parts(const OutputFile& file, Content& content);
    Status send_parts(const OutputFile& file, const protocol::SentOutput& sent,
                      const BlockSums& sums);
    PartUploader::Hooks hooks_of(const OutputFile& file, const protocol::SentOutput& sent,
                                 const BlockSums& sums);
    Status join(const protocol::SentOutput& sent);
    static bool is_untouched(const OutputFile& file, const Content& content);
    Status sum(const OutputFile& file, Content& content);
    void miss(const OutputFile& file, const Error& why, Sent& sent) const;
    // What only another try of these calls may heal, and how often.
    struct Again {
        std::set<ErrorCode> after{};
        int times = 0;
    };
    // Tries again while the error may pass and something arrives, and as `again` says.
    Status persevere(const std::function<Status()>& call, const Again& again);
    // Why what was broken off was; `before` is what its last try had met.
    Error ended(const Status& before) const;
    void note_stored();
    void note_sent();
    bool is_over();
    // Breaks off what brings nothing any more.
    void watch();
    bool nap(Duration time, const http::CancelToken& over) const;
    void await_turn(const http::CancelToken& over);
    // Both under mutex_.
    OutputPatience& patience();
    void break_off();

    const Parts parts_;
    std::atomic<bool> has_ended_ = false;     // nothing of this attempt counts any more
    std::atomic<bool> is_rest_left_ = false;  // what is not begun yet is not tried
    http::CancelToken over_;                  // nothing is sent any more
    http::CancelToken ended_;                 // nor anything watched
    mutable std::mutex mutex_;
    OutputPatience patience_;  // guarded by mutex_, like all below; see patience()
    bool is_given_up_ = false;
    PartUploader* under_way_ = nullptr;
};

}  // namespace herder
