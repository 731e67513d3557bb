#pragma once
// Fetches the files of a checkpoint in pieces, over several connections, and verifies each piece
// while it comes and each file at the end. What an earlier try on the same disk has brought is
// verified and kept. Blocking; its threads live as long as run().
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/cancel.h"
#include "core/worker/transfer_width.h"
#include "worker/piece_journal.h"
#include "worker/restored_file.h"
#include "worker/retry_notes.h"
#include "worker/server_link.h"
#include "worker/signed_batches.h"

namespace herder {

class CheckpointFetch {
  public:
    struct Options {
        // The newest signed URL of a file of the plan.
        std::function<std::string(std::size_t file)> url_of;
        std::function<void(const std::string& line)> say;
        Bytes piece_size{16 << 20};  // whole MiB
    };
    CheckpointFetch(ServerLink& link, const http::CancelToken& cancel, Options options);
    ~CheckpointFetch();

    // kCorrupt and kNotFound: the checkpoint is worth nothing, and nothing of it is left. After any
    // other error the next run goes on where this one ended. kNoCapacity: the disk is too small.
    Status run(const protocol::RestorePlan& plan, const std::string& folder);

  private:
    enum class State { kWanted, kNoted, kHere };
    struct Piece {
        std::size_t file = 0;
        std::int64_t offset = 0;
        std::int64_t size = 0;
        State state = State::kWanted;
        std::uint32_t crc32c = 0;
    };
    class Sink;

    Status prepare(const std::string& folder);
    void cut();
    Status open_files(const std::string& folder);
    Status fetch_all();
    void work();
    Piece* take();
    Status do_piece(Piece& piece, AlignedBuffer& buffer);
    Status fetch(Piece& piece, AlignedBuffer& buffer, Duration& asked_wait);
    void done(Piece& piece, const Status& fetched);
    // The files whose checksum is not the recorded one.
    std::vector<std::size_t> find_damaged() const;
    Status finish();

    ServerLink& link_;
    const http::CancelToken& cancel_;
    const Options options_;
    const protocol::RestorePlan* plan_ = nullptr;  // of the run under way
    std::vector<std::unique_ptr<RestoredFile>> files_;
    bool is_whole_ = false;  // the store does not answer ranges
    bool is_second_ = false;
    std::mutex mutex_;  // guards all below while threads run
    std::condition_variable changed_;
    int under_way_ = 0;
    TransferWidth width_;
    std::vector<Piece> pieces_;
    std::size_t next_ = 0;
    std::optional<PieceJournal> journal_;
    std::int64_t kept_ = 0;
    std::int64_t total_ = 0;
    std::optional<FetchProgress> progress_;
    RetryNotes notes_;
    Status outcome_ = ok();
};

}  // namespace herder
