#include "worker/output_upload.h"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <thread>

#include "base/random.h"
#include "worker/at_once.h"
#include "worker/part_checksums.h"
#include "worker/persist.h"
#include "worker/retry_notes.h"

namespace herder {

namespace {

// What is told of each file that is missing; the rest is counted.
constexpr std::size_t kToldMax = 3;
// Of one request: a URL with temporary credentials in it may have 4,000 characters.
constexpr std::size_t kSignedAtOnce = 400;
static_assert(kSignedAtOnce <= protocol::kOutputsAskedMax);
static_assert(kSignedAtOnce * 4000 < protocol::kSignSizeMax);
// Such a file costs a round trip rather than time on the link, so several go at once.
constexpr Bytes kSmallMax{1 << 20};
constexpr std::size_t kAtOnce = 8;
// A thread more is worth its while for so many.
constexpr std::size_t kOfThread = 8;
// Of an upload that is gone, or whose parts are not those of the file or came damaged: what is
// missing is sent.
constexpr int kAnewMax = 4;
constexpr Duration kDelayMin = milliseconds(250);
constexpr Duration kDelayMax = seconds(30);
// How late it may be noticed that a stop has begun, or that nothing arrives.
constexpr Duration kLook = milliseconds(100);

struct Look {
    Bytes size;
    std::int64_t modified_ns = 0;
};
Result<Look> look_at_file(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return not_found("the file " + path + " is gone");
    return Look{Bytes{info.st_size}, info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec};
}

// Which of them go whole and are soon sent.
std::vector<std::size_t> small_ones(const std::vector<OutputFile>& files,
                                    const std::vector<std::string>& urls) {
    std::vector<std::size_t> small;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto look = look_at_file(files[i].path);
        if (!urls[i].empty() && look && look->size <= kSmallMax) small.push_back(i);
    }
    return small;
}

// The file as it is.
std::string mark_of(const OutputFile& file) {
    const auto look = look_at_file(file.path);
    if (!look) return "";
    return std::to_string(look->size.count) + " " + std::to_string(look->modified_ns) + " " +
           file.name;
}

// Nothing that this attempt does counts any more, or the agent ends.
bool is_end(const Error& error) {
    return error.code == ErrorCode::kConflict || error.code == ErrorCode::kCancelled;
}

// Keys that have ended are refused as well until the server has fetched new ones, and a right that
// is missing may be given: nobody else has the file, and a machine lives on for minutes.
bool is_waited_for(const Error& error) {
    return may_pass(error.code) || error.code == ErrorCode::kForbidden;
}

// A store that lets nothing be written over, say, speaks of one object; only the server knows of
// attempts.
Status of_store(const Status& sent) {
    if (sent || sent.error().code != ErrorCode::kConflict) return sent;
    return Error{ErrorCode::kInvalid, sent.error().message};
}

}  // namespace

// While it lives the patience does not run out.
class OutputUpload::Hold {
  public:
    explicit Hold(OutputUpload& upload) : upload_(upload) {
        const std::lock_guard lock(upload_.mutex_);
        upload_.patience().hold(upload_.parts_.now());
    }
    ~Hold() {
        const std::lock_guard lock(upload_.mutex_);
        upload_.patience().release(upload_.parts_.now());
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

  private:
    OutputUpload& upload_;
};

void OutputUpload::give_up() {
    const std::lock_guard lock(mutex_);
    is_given_up_ = true;
    break_off();
}

void OutputUpload::break_off() {
    over_.cancel();
    if (under_way_ != nullptr) under_way_->give_up();
}

// Whoever looks at it has to know whether a stop has begun meanwhile.
OutputPatience& OutputUpload::patience() {
    if (parts_.link.turns().is_stopping()) patience_.note_stop(parts_.now());
    return patience_;
}

bool OutputUpload::is_over() {
    const std::lock_guard lock(mutex_);
    return over_.is_cancelled() || patience().is_over(parts_.now());
}

void OutputUpload::note_stored() {
    const std::lock_guard lock(mutex_);
    patience().note_stored(parts_.now());
}

void OutputUpload::note_sent() {
    const std::lock_guard lock(mutex_);
    patience().note_sent(parts_.now());
}

void OutputUpload::watch() {
    pollfd end{ended_.descriptor(), POLLIN, 0};
    while (::poll(&end, 1, static_cast<int>(kLook.whole_milliseconds())) == 0) {
        const std::lock_guard lock(mutex_);
        if (patience().is_silent(parts_.now())) return break_off();
    }
}

OutputUpload::Sent OutputUpload::run(const std::vector<OutputFile>& files) {
    std::vector<OutputFile> left;
    std::copy_if(
        files.begin(), files.end(), std::back_inserter(left),
        [this](const OutputFile& file) { return !parts_.memory.stored.contains(mark_of(file)); });
    if (left.empty()) return {};
    const LinkTurns::Turn turn(parts_.link.turns(), TransferClass::kOutputs);
    std::thread watcher([this] { watch(); });
    Sent sent = send_all(left);
    ended_.cancel();
    watcher.join();
    if (sent.missing.size() > kToldMax) {
        const std::string more = std::to_string(sent.missing.size() - kToldMax);
        sent.why += "; and so it is with " + more + " more";
        parts_.say(more + " more outputs were not stored");
    }
    return sent;
}

OutputUpload::Sent OutputUpload::send_all(const std::vector<OutputFile>& files) {
    Sent sent;
    for (std::size_t at = 0; at < files.size() && !has_ended_; at += kSignedAtOnce) {
        const std::size_t end = std::min(at + kSignedAtOnce, files.size());
        const std::vector<OutputFile> batch(files.begin() + static_cast<std::ptrdiff_t>(at),
                                            files.begin() + static_cast<std::ptrdiff_t>(end));
        const std::vector<Try> tries =
            is_rest_left_ ? std::vector<Try>(batch.size()) : send_batch(batch);
        for (std::size_t i = 0; i < batch.size(); ++i)
            settle(batch[i], tries[i], sent);
    }
    return sent;
}

std::vector<OutputUpload::Try> OutputUpload::send_batch(const std::vector<OutputFile>& files) {
    std::vector<Try> tries(files.size());
    std::vector<std::string> urls;
    const Status asked = persevere(
        [&]() -> Status {
            auto answer = sign(files);
            if (!answer) return answer.error();
            urls = std::move(*answer);
            return ok();
        },
        {});
    const auto attempt = [&](std::size_t i) {
        if (is_rest_left_ || tries[i].done) return;
        tries[i] = asked ? send_one(files[i], urls[i]) : Try{"", asked};
        note_outcome(*tries[i].done);
    };
    const std::vector<std::size_t> small =
        asked ? small_ones(files, urls) : std::vector<std::size_t>{};
    const std::size_t threads = std::min(small.size() / kOfThread, kAtOnce);
    if (threads > 1) each_at_once(small.size(), threads, [&](std::size_t i) { attempt(small[i]); });
    for (std::size_t i = 0; i < files.size(); ++i)
        attempt(i);
    return tries;
}

OutputUpload::Try OutputUpload::send_one(const OutputFile& file, const std::string& url) {
    Try one{mark_of(file), {}};
    one.done = send(file, url);
    return one;
}

void OutputUpload::note_outcome(const Status& done) {
    if (done) return;
    if (is_end(done.error())) {
        has_ended_ = true;
        is_rest_left_ = true;
        return;
    }
    if (!is_waited_for(done.error())) note_stored();  // there is an answer
    if (is_over()) is_rest_left_ = true;
}

void OutputUpload::settle(const OutputFile& file, const Try& one, Sent& sent) {
    if (!one.done && has_ended_) return;
    if (one.done && *one.done) return remember(file, one.mark);
    // How the job ended waits behind them.
    const Error why =
        one.done ? one.done->error()
                 : Error{ErrorCode::kTimedOut, "it was not tried, for nothing arrived any more"};
    miss(file, why, sent);
    const bool is_last_word = !sent.status && (is_end(sent.status.error()) || !one.done);
    if (!is_last_word && (is_end(why) || may_pass(why.code))) sent.status = why;
}

void OutputUpload::remember(const OutputFile& file, const std::string& mark) {
    if (!mark.empty()) parts_.memory.stored.insert(mark);
    if (parts_.memory.missing.erase(file.name) > 0)
        parts_.say("the output " + file.name + " is stored now");
}

void OutputUpload::miss(const OutputFile& file, const Error& why, Sent& sent) const {
    sent.missing.insert(file.name);
    parts_.memory.missing.insert(file.name);
    if (sent.missing.size() > kToldMax) return;
    const std::string line = "the output " + file.name + " was not stored: " + why.message;
    parts_.say(line);
    sent.why += (sent.why.empty() ? "" : "; ") + line;
}

Result<std::vector<std::string>> OutputUpload::sign(const std::vector<OutputFile>& files) {
    protocol::SignRequest request;
    for (const OutputFile& file : files) {
        request.outputs.push_back(file.name);
        const auto look = look_at_file(file.path);
        request.sizes.push_back(look ? look->size.count : 0);
    }
    auto answer = parts_.link.sign(request, &over_);
    if (!answer) return answer.error();
    return std::move(answer->urls);
}

Status OutputUpload::send(const OutputFile& file, std::string url) {
    if (!url.empty()) return persevere([&] { return send_whole(file, url); }, {});
    Content content;
    return persevere([&] { return send_in_parts(file, content); },
                     {{ErrorCode::kNotFound, ErrorCode::kCorrupt}, kAnewMax});
}

Status OutputUpload::send_whole(const OutputFile& file, std::string& url) {
    await_turn(over_);
    ServerLink::UploadWay way{&over_};
    way.on_sent = [this] { note_sent(); };
    Status sent = of_store(parts_.link.upload_file(url, file.path, way));
    if (sent) note_stored();
    if (sent || sent.error().code != ErrorCode::kForbidden) return sent;
    // Too old, perhaps.
    const auto again = sign({file});
    if (!again) return again.error();
    if (!again->front().empty()) url = again->front();
    return sent;
}

bool OutputUpload::is_untouched(const OutputFile& file, const Content& content) {
    const auto look = look_at_file(file.path);
    return look && look->size == content.sums.size && look->modified_ns == content.modified_ns;
}

// What was sent of a file that has been written into since it was summed is of another one.
Status OutputUpload::sum(const OutputFile& file, Content& content) {
    if (is_untouched(file, content)) return ok();
    const auto look = look_at_file(file.path);
    if (!look) return look.error();
    const Hold hold(*this);
    auto sums = sum_blocks(file.path, &over_);
    if (!sums) return sums.error();
    content = {std::move(*sums), look->modified_ns};
    return ok();
}

Status OutputUpload::send_in_parts(const OutputFile& file, Content& content) {
    if (auto summed = sum(file, content); !summed) return summed;
    const protocol::SentOutput whole{file.name, content.sums.size, content.sums.whole()};
    Status sent = send_parts(file, whole, content.sums);
    // Behind the last byte: what was changed meanwhile was sent torn, or refused for its checksum.
    const bool is_answered = sent || sent.error().code == ErrorCode::kInvalid;
    if (is_answered && !is_untouched(file, content))
        return not_found("it was written into while it was sent");
    if (!sent) return sent;
    return join(whole);
}

// For as long as the server needs for it: until then it is away, as far as it can be seen here, and
// an answer that is lost on its way is not the end of an object that is there.
Status OutputUpload::join(const protocol::SentOutput& sent) {
    {
        const std::lock_guard lock(mutex_);
        patience().begin_joining(parts_.now());
    }
    const Status made = persevere([&] { return parts_.link.finish_output(sent, over_); }, {});
    const std::lock_guard lock(mutex_);
    patience().end_joining();
    if (made || !is_waited_for(made.error())) patience().note_stored(parts_.now());
    return made;
}

PartUploader::Hooks OutputUpload::hooks_of(const OutputFile& file, const protocol::SentOutput& sent,
                                           const BlockSums& sums) {
    PartUploader::Hooks hooks;
    hooks.ask = [this, &sent, &sums](std::size_t, int from) {
        protocol::OutputPartsRequest wish{sent, from};
        const auto rules = parts_.newest().upload_parts;
        if (rules && rules->is_checked)
            wish.crc32c = window_checksums({sums}, *rules, {{}, 0, from, {}});
        return parts_.link.output_parts(wish, &over_);
    };
    hooks.put = [this, &file](const PartUploader::Put& put) {
        await_turn(put.cancel);
        ServerLink::UploadWay way{&put.cancel, put.timeout, put.is_second, put.asked_wait};
        way.on_sent = [this] { note_sent(); };
        const Status arrived = of_store(parts_.link.upload_part(put.part, file.path, way));
        if (arrived) note_stored();
        return arrived;
    };
    hooks.wait = [this](Duration time, const http::CancelToken& over) {
        return !is_over() && nap(time, over);
    };
    hooks.now = real_now;
    return hooks;
}

Status OutputUpload::send_parts(const OutputFile& file, const protocol::SentOutput& sent,
                                const BlockSums& sums) {
    PartUploader::Hooks hooks = hooks_of(file, sent, sums);
    RetryNotes notes;
    hooks.on_again = [&notes](const Error& why) { notes.add(why); };
    PartUploader uploader(1, std::move(hooks));
    const auto set_under_way = [this](PartUploader* now) {
        const std::lock_guard lock(mutex_);
        under_way_ = now;
        if (over_.is_cancelled() && now != nullptr) now->give_up();
    };
    set_under_way(&uploader);
    Status done = uploader.run();
    set_under_way(nullptr);
    notes.tell("the output " + file.name, "parts were sent again", parts_.say);
    return done;
}

Status OutputUpload::persevere(const std::function<Status()>& call, const Again& again) {
    int times = again.times;
    RandomStream stream(static_cast<std::uint64_t>(real_now().us), "output");
    Duration delay = kDelayMin;
    Status before = ok();
    while (true) {
        Status done = call();
        if (done) return done;
        if (done.error().code == ErrorCode::kCancelled) return ended(before);
        if (is_end(done.error())) return done;
        const ErrorCode code = done.error().code;
        if (!is_waited_for(done.error()) && (!again.after.contains(code) || --times < 0))
            return done;
        before = done;
        {
            const std::lock_guard lock(mutex_);
            patience().note_failure();
        }
        if (is_over()) return done;
        if (!nap(delay, over_)) return ended(before);
        delay = microseconds(stream.between(kDelayMin.us, std::min(delay * 3, kDelayMax).us));
    }
}

Error OutputUpload::ended(const Status& before) const {
    const std::lock_guard lock(mutex_);
    if (is_given_up_ || parts_.stop.is_cancelled())
        return {ErrorCode::kCancelled, "the agent ends"};
    return {ErrorCode::kTimedOut,
            "nothing arrived any more" + (before ? "" : ": " + before.error().message)};
}

bool OutputUpload::nap(Duration time, const http::CancelToken& over) const {
    std::array<pollfd, 3> ends{{{parts_.stop.descriptor(), POLLIN, 0},
                                {over_.descriptor(), POLLIN, 0},
                                {over.descriptor(), POLLIN, 0}}};
    return ::poll(ends.data(), ends.size(), static_cast<int>(time.whole_milliseconds()) + 1) == 0;
}

// Before each piece. At once when the agent ends.
void OutputUpload::await_turn(const http::CancelToken& over) {
    const Hold hold(*this);
    parts_.link.turns().wait(TransferClass::kOutputs,
                             [&](Duration time) { return nap(time, over); });
}

}  // namespace herder
