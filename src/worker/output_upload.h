#pragma once
// Sends the files that a job leaves to where the server says: whole, or in parts where they are
// large. Goes on for as long as something arrives now and then; what the store refuses for good
// holds up no other file.
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "worker/block_sums.h"
#include "worker/output_files.h"
#include "worker/part_uploader.h"
#include "worker/server_link.h"

namespace herder {

class OutputUpload {
  public:
    struct Parts {
        ServerLink& link;
        std::function<protocol::SyncResponse()> newest;
        const http::CancelToken& stop;
        std::function<void(const std::string& line)> say;  // for the job's log
        Duration patience;  // real time in which nothing arrives, until the rest is given up
    };
    struct Sent {
        // An error where another run may do better, or where nothing of this attempt counts any
        // more.
        Status status = ok();
        std::set<std::string> missing{};  // names
        std::string why{};                // they are, in a sentence; empty: nothing is missing
    };
    explicit OutputUpload(Parts parts) : parts_(std::move(parts)) {}

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
    Result<std::vector<std::string>> sign(const std::vector<OutputFile>& files);
    Status send(const OutputFile& file, std::string url);
    Status send_whole(const OutputFile& file, std::string& url);
    Status send_in_parts(const OutputFile& file, Content& content);
    Status send_parts(const OutputFile& file, const protocol::SentOutput& sent,
                      const BlockSums& sums);
    static bool is_untouched(const OutputFile& file, const Content& content);
    Status sum(const OutputFile& file, Content& content) const;
    void miss(const OutputFile& file, const Error& why, Sent& sent) const;
    // Tries again while the error may pass and something arrives; otherwise `tries_more` times.
    Status persevere(const std::function<Status()>& call, int tries_more);
    void note_arrival();
    bool is_over() const;
    bool nap(Duration time, const http::CancelToken& over) const;
    void await_turn(const http::CancelToken& over) const;

    const Parts parts_;
    const http::CancelToken never_;
    mutable std::mutex mutex_;
    Instant give_up_at_;  // guarded by mutex_, like all below
    bool is_given_up_ = false;
    PartUploader* under_way_ = nullptr;
};

}  // namespace herder
