#include "worker/checkpoint_fetch.h"

#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <thread>
#include <utility>

#include "base/confined_path.h"
#include "base/crc32c_combine.h"
#include "base/digest.h"
#include "worker/machine_clock.h"
#include "worker/persist.h"
#include "worker/tree_fetch.h"

namespace herder {

namespace {

namespace fs = std::filesystem;

constexpr int kTries = 8;
constexpr int kConnectionsMax = 32;
constexpr std::size_t kBuffer = 1 << 20;
// URLs are signed anew with every report, so one that is too old is replaced soon.
constexpr int kForbiddenTries = 3;
constexpr int kForbiddenWaitMs = 5'000;

}  // namespace

// One piece on its way from a connection to its file: summed while it is in the cache, written a
// buffer at a time.
class CheckpointFetch::Sink {
  public:
    Sink(RestoredFile& file, const Piece& piece, AlignedBuffer& buffer)
        : file_(file), piece_(piece), buffer_(buffer) {}

    std::span<char> room() { return {buffer_.data() + filled_, buffer_.size() - filled_}; }
    Status take(std::size_t count) {
        crc32c_ = crc32c({buffer_.data() + filled_, count}, crc32c_);
        filled_ += count;
        size_ += static_cast<std::int64_t>(count);
        if (size_ > piece_.size) return Error{ErrorCode::kCorrupt, "it is longer than recorded"};
        return filled_ == buffer_.size() || size_ == piece_.size ? flush() : ok();
    }
    // After the last byte. A short body is one that broke off, unless the object itself is short.
    Status end() const {
        if (size_ == piece_.size) return ok();
        return Error{ErrorCode::kCorrupt, "it is shorter than recorded"};
    }
    std::uint32_t checksum() const { return crc32c_; }

  private:
    Status flush() {
        const std::int64_t at = piece_.offset + size_ - static_cast<std::int64_t>(filled_);
        const std::size_t count = std::exchange(filled_, 0);
        return file_.write(at, buffer_, count);
    }

    RestoredFile& file_;
    const Piece& piece_;
    AlignedBuffer& buffer_;
    std::size_t filled_ = 0;
    std::int64_t size_ = 0;
    std::uint32_t crc32c_ = 0;
};

CheckpointFetch::CheckpointFetch(ServerLink& link, const http::CancelToken& cancel, Options options)
    : link_(link), cancel_(cancel), options_(std::move(options)), width_(kConnectionsMax) {}
CheckpointFetch::~CheckpointFetch() = default;

Status CheckpointFetch::run(const protocol::RestorePlan& plan, const std::string& folder) {
    plan_ = &plan;
    journal_.emplace(folder + ".pieces", plan);
    Status fetched = prepare(folder);
    if (fetched) fetched = fetch_all();
    if (!fetched && fetched.error().code == ErrorCode::kConflict && is_whole_) {
        cut();
        fetched = fetch_all();
    }
    // A bit that flipped on the way is no broken checkpoint: those files are read once more.
    if (fetched && !find_damaged().empty()) {
        is_second_ = true;
        const auto damaged = find_damaged();
        for (const std::size_t file : damaged)
            options_.say("the checkpoint's file " + plan_->files[file].file.path +
                         " does not verify; it is fetched once more");
        for (Piece& piece : pieces_) {
            if (std::find(damaged.begin(), damaged.end(), piece.file) != damaged.end())
                piece.state = State::kWanted;
        }
        fetched = fetch_all();
    }
    if (fetched) fetched = finish();
    notes_.tell("the checkpoint", "pieces broke off and were fetched again", options_.say);
    files_.clear();
    if (!fetched && !may_pass(fetched.error().code) &&
        fetched.error().code != ErrorCode::kCancelled) {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
        journal_->remove();
    }
    return fetched;
}

Status CheckpointFetch::prepare(const std::string& folder) {
    for (const protocol::RestoreFile& entry : plan_->files) {
        if (!is_confined_path(entry.file.path)) {
            return Error{ErrorCode::kCorrupt,
                         "the path '" + entry.file.path + "' leaves the checkpoint"};
        }
        total_ += entry.file.size.count;
    }
    progress_.emplace("the checkpoint", total_, options_.say);
    std::error_code failed;
    if (journal_->pieces().empty()) fs::remove_all(folder, failed);
    cut();
    std::int64_t missing = 0;
    for (const Piece& piece : pieces_)
        missing += piece.state == State::kWanted ? piece.size : 0;
    if (const Status fits = check_disk(folder, missing, "the checkpoint"); !fits) return fits;
    return open_files(folder);
}

Status CheckpointFetch::open_files(const std::string& folder) {
    for (const protocol::RestoreFile& entry : plan_->files) {
        const fs::path path = fs::path(folder) / entry.file.path;
        std::error_code failed;
        fs::create_directories(path.parent_path(), failed);
        if (failed) return unavailable("making folder " + path.parent_path().string());
        auto file = RestoredFile::open(path.string(), entry.file.size);
        if (!file) return file.error();
        files_.push_back(std::move(*file));
    }
    return ok();
}

void CheckpointFetch::cut() {
    pieces_.clear();
    for (std::size_t i = 0; i < plan_->files.size(); ++i) {
        const std::int64_t size = plan_->files[i].file.size.count;
        const std::int64_t step = is_whole_ ? size : options_.piece_size.count;
        for (std::int64_t at = 0; at < size; at += step) {
            Piece piece{i, at, std::min(step, size - at)};
            const auto noted = journal_->pieces().find({i, at});
            if (noted != journal_->pieces().end() && noted->second.size == piece.size) {
                piece.state = State::kNoted;
                piece.crc32c = noted->second.crc32c;
            }
            pieces_.push_back(piece);
        }
    }
}

Status CheckpointFetch::fetch_all() {
    next_ = 0;
    outcome_ = ok();
    width_.begin(real_now());
    std::vector<std::thread> threads;
    const auto count = std::min<std::size_t>(kConnectionsMax, pieces_.size());
    for (std::size_t i = 1; i < count; ++i)
        threads.emplace_back([this] { work(); });
    if (count > 0) work();
    for (std::thread& thread : threads)
        thread.join();
    if (cancel_.is_cancelled()) return Error{ErrorCode::kCancelled, "cancelled"};
    return outcome_;
}

void CheckpointFetch::work() {
    AlignedBuffer buffer(kBuffer);
    while (Piece* piece = take()) {
        const Status fetched = do_piece(*piece, buffer);
        done(*piece, fetched);
    }
}

// The next piece once as few are under way as should be; none: there is nothing left to do.
CheckpointFetch::Piece* CheckpointFetch::take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
        return !outcome_ || next_ == pieces_.size() || under_way_ < width_.width();
    });
    while (outcome_ && next_ < pieces_.size() && !cancel_.is_cancelled()) {
        Piece& piece = pieces_[next_++];
        if (piece.state == State::kHere) continue;
        ++under_way_;
        return &piece;
    }
    changed_.notify_all();
    return nullptr;
}

Status CheckpointFetch::do_piece(Piece& piece, AlignedBuffer& buffer) {
    if (piece.state == State::kNoted) {
        const auto found = files_[piece.file]->checksum(piece.offset, piece.size, buffer);
        if (found && *found == piece.crc32c) return ok();
        piece.state = State::kWanted;
    }
    int forbidden = 0;
    Duration asked_wait;
    while (true) {
        Status fetched = persist([&] { return fetch(piece, buffer, asked_wait); },
                                 {kTries, cancel_.descriptor(), &asked_wait});
        if (fetched || fetched.error().code != ErrorCode::kForbidden) return fetched;
        pollfd stop{cancel_.descriptor(), POLLIN, 0};
        if (++forbidden == kForbiddenTries || ::poll(&stop, 1, kForbiddenWaitMs) > 0)
            return fetched;
    }
}

Status CheckpointFetch::fetch(Piece& piece, AlignedBuffer& buffer, Duration& asked_wait) {
    asked_wait = {};
    const CheckpointFile& file = plan_->files[piece.file].file;
    Sink sink(*files_[piece.file], piece, buffer);
    ServerLink::RangeWish wish;
    wish.url = options_.url_of(piece.file);
    wish.offset = Bytes{piece.offset};
    wish.size = Bytes{piece.size};
    wish.is_whole = piece.size == file.size.count;
    wish.is_fresh = is_second_;
    wish.cancel = &cancel_;
    wish.asked_wait = &asked_wait;
    wish.target = {[&sink] { return sink.room(); },
                   [&sink](std::size_t count) { return sink.take(count); }};
    Status fetched = link_.fetch_range(wish);
    if (fetched) fetched = sink.end();
    if (!fetched && may_pass(fetched.error().code)) {
        const std::lock_guard lock(mutex_);
        width_.pushed_back(real_now());
        notes_.add(fetched.error());
    }
    if (!fetched) return fetched.error().with_context("file " + file.path);
    piece.crc32c = sink.checksum();
    return ok();
}

void CheckpointFetch::done(Piece& piece, const Status& fetched) {
    const std::lock_guard lock(mutex_);
    --under_way_;
    changed_.notify_all();
    if (!fetched) {
        if (fetched.error().code == ErrorCode::kConflict) is_whole_ = true;
        if (outcome_) outcome_ = fetched.error();
        return;
    }
    if (piece.state == State::kNoted) {
        kept_ += piece.size;
    } else {
        journal_->add({piece.file, piece.offset}, {piece.size, piece.crc32c});
        width_.arrived(Bytes{piece.size}, real_now());
    }
    piece.state = State::kHere;
    progress_->add(piece.size);
}

std::vector<std::size_t> CheckpointFetch::find_damaged() const {
    std::vector<std::uint32_t> sums(plan_->files.size(), 0);
    for (const Piece& piece : pieces_) {
        sums[piece.file] =
            combine_crc32c(sums[piece.file], piece.crc32c, static_cast<std::uint64_t>(piece.size));
    }
    std::vector<std::size_t> damaged;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (sums[i] != plan_->files[i].file.crc32c) damaged.push_back(i);
    }
    return damaged;
}

Status CheckpointFetch::finish() {
    const auto damaged = find_damaged();
    if (!damaged.empty()) {
        return Error{ErrorCode::kCorrupt, "file " + plan_->files[damaged.front()].file.path +
                                              " does not verify, read twice"};
    }
    for (std::size_t i = 0; i < files_.size(); ++i) {
        const Status ended = files_[i]->finish(plan_->files[i].file.mode);
        if (!ended) return ended;
    }
    journal_->remove();
    if (kept_ > 0) {
        options_.say("the checkpoint: " + to_text(Bytes{kept_}) + " of " + to_text(Bytes{total_}) +
                     " were here already");
    }
    return ok();
}

}  // namespace herder
