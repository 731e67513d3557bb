#include "worker/output_upload.h"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/random.h"
#include "worker/machine_clock.h"
#include "worker/part_checksums.h"
#include "worker/persist.h"
#include "worker/retry_notes.h"

namespace herder {

namespace {

// What is told of each file that is missing; the rest is counted.
constexpr std::size_t kToldMax = 3;
// Of an upload that is gone, or whose parts are not those of the file: what is missing is sent.
constexpr int kAnewMax = 4;
constexpr Duration kDelayMin = milliseconds(250);
constexpr Duration kDelayMax = seconds(30);

struct Look {
    Bytes size;
    std::int64_t modified_ns = 0;
};
Result<Look> look_at_file(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return not_found("the file " + path + " is gone");
    return Look{Bytes{info.st_size}, info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec};
}

// Nothing that this attempt does counts any more, or the agent ends.
bool is_end(const Error& error) {
    return error.code == ErrorCode::kConflict || error.code == ErrorCode::kCancelled;
}

// Keys that have ended are refused as well until the server has fetched new ones.
bool is_waited_for(const Error& error) {
    return may_pass(error.code) || error.code == ErrorCode::kForbidden;
}

}  // namespace

void OutputUpload::give_up() {
    const std::lock_guard lock(mutex_);
    is_given_up_ = true;
    if (under_way_ != nullptr) under_way_->give_up();
}

bool OutputUpload::is_over() const {
    const std::lock_guard lock(mutex_);
    return is_given_up_ || real_now() >= give_up_at_;
}

void OutputUpload::note_arrival() {
    const std::lock_guard lock(mutex_);
    give_up_at_ = std::max(give_up_at_, real_now() + parts_.patience);
}

OutputUpload::Sent OutputUpload::run(const std::vector<OutputFile>& files) {
    Sent sent;
    if (files.empty()) return sent;
    const LinkTurns::Turn turn(parts_.link.turns(), TransferClass::kOutputs);
    note_arrival();
    std::vector<std::string> urls;
    const Status asked = persevere(
        [&]() -> Status {
            auto answer = sign(files);
            if (!answer) return answer.error();
            urls = std::move(*answer);
            return ok();
        },
        0);
    for (std::size_t i = 0; i < files.size(); ++i) {
        const Status done = asked ? send(files[i], urls[i]) : asked;
        if (done) continue;
        miss(files[i], done.error(), sent);
        if (is_end(done.error()) || may_pass(done.error().code)) sent.status = done.error();
        if (is_end(done.error())) break;
    }
    if (sent.missing.size() > kToldMax) {
        const std::string more = std::to_string(sent.missing.size() - kToldMax);
        sent.why += "; and so it is with " + more + " more";
        parts_.say(more + " more outputs were not stored");
    }
    return sent;
}

void OutputUpload::miss(const OutputFile& file, const Error& why, Sent& sent) const {
    sent.missing.insert(file.name);
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
    auto answer = parts_.link.sign(request);
    if (!answer) return answer.error();
    return std::move(answer->urls);
}

Status OutputUpload::send(const OutputFile& file, std::string url) {
    if (!url.empty()) return persevere([&] { return send_whole(file, url); }, 0);
    Content content;
    return persevere([&] { return send_in_parts(file, content); }, kAnewMax);
}

Status OutputUpload::send_whole(const OutputFile& file, std::string& url) {
    await_turn(never_);
    const Status sent = parts_.link.upload_file(url, file.path, {&parts_.stop});
    if (sent) note_arrival();
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
Status OutputUpload::sum(const OutputFile& file, Content& content) const {
    if (is_untouched(file, content)) return ok();
    const auto look = look_at_file(file.path);
    if (!look) return look.error();
    auto sums = sum_blocks(file.path, &parts_.stop);
    if (!sums) return sums.error();
    content = {std::move(*sums), look->modified_ns};
    return ok();
}

Status OutputUpload::send_in_parts(const OutputFile& file, Content& content) {
    if (auto summed = sum(file, content); !summed) return summed;
    const protocol::SentOutput whole{file.name, content.sums.size, content.sums.whole()};
    if (auto sent = send_parts(file, whole, content.sums); !sent) return sent;
    // Behind the last byte: what was changed meanwhile was sent torn.
    if (!is_untouched(file, content)) return not_found("it was written into while it was sent");
    const Status made = parts_.link.finish_output(whole, parts_.stop);
    if (made) note_arrival();
    return made;
}

Status OutputUpload::send_parts(const OutputFile& file, const protocol::SentOutput& sent,
                                const BlockSums& sums) {
    PartUploader::Hooks hooks;
    hooks.ask = [&](std::size_t, int from) {
        protocol::OutputPartsRequest wish{sent, from};
        const auto rules = parts_.newest().upload_parts;
        if (rules && rules->is_checked)
            wish.crc32c = window_checksums({sums}, *rules, {{}, 0, from, {}});
        return parts_.link.output_parts(wish);
    };
    hooks.put = [&](const PartUploader::Put& put) {
        await_turn(put.cancel);
        const Status arrived = parts_.link.upload_part(
            put.part, file.path, {&put.cancel, put.timeout, put.is_second, put.asked_wait});
        if (arrived) note_arrival();
        return arrived;
    };
    hooks.wait = [this](Duration time, const http::CancelToken& over) { return nap(time, over); };
    hooks.now = real_now;
    RetryNotes notes;
    hooks.on_again = [&notes](const Error& why) { notes.add(why); };
    PartUploader uploader(1, std::move(hooks));
    const auto set_under_way = [this](PartUploader* now) {
        const std::lock_guard lock(mutex_);
        under_way_ = now;
        if (is_given_up_ && now != nullptr) now->give_up();
    };
    set_under_way(&uploader);
    Status done = uploader.run();
    set_under_way(nullptr);
    notes.tell("the output " + file.name, "parts were sent again", parts_.say);
    return done;
}

Status OutputUpload::persevere(const std::function<Status()>& call, int tries_more) {
    RandomStream stream(static_cast<std::uint64_t>(real_now().us), "output");
    Duration delay = kDelayMin;
    while (true) {
        const Status done = call();
        if (done || is_end(done.error())) return done;
        if (!is_waited_for(done.error()) && --tries_more < 0) return done;
        if (is_over()) return done;
        if (!nap(delay, never_)) return Error{ErrorCode::kCancelled, "the agent ends"};
        delay = microseconds(stream.between(kDelayMin.us, std::min(delay * 3, kDelayMax).us));
    }
}

bool OutputUpload::nap(Duration time, const http::CancelToken& over) const {
    std::array<pollfd, 2> ends{
        {{parts_.stop.descriptor(), POLLIN, 0}, {over.descriptor(), POLLIN, 0}}};
    return ::poll(ends.data(), ends.size(), static_cast<int>(time.whole_milliseconds()) + 1) == 0;
}

// Before each piece. At once when the agent ends.
void OutputUpload::await_turn(const http::CancelToken& over) const {
    parts_.link.turns().wait(TransferClass::kOutputs,
                             [&](Duration time) { return nap(time, over); });
}

}  // namespace herder
