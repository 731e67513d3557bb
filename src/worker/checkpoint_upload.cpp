#include "worker/checkpoint_upload.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/log.h"
#include "worker/machine_clock.h"
#include "worker/part_checksums.h"
#include "worker/retry_notes.h"

namespace herder {

void CheckpointUpload::give_up() {
    const std::lock_guard lock(mutex_);
    is_given_up_ = true;
    if (under_way_ != nullptr) under_way_->give_up();
    over_.cancel();
}

bool CheckpointUpload::are_untouched(const UploadGrant& grant,
                                     const std::vector<CheckpointFile>& files) const {
    return std::all_of(files.begin(), files.end(), [&](const CheckpointFile& file) {
        return parts_.staging.is_untouched(grant.local_seq, file.path);
    });
}

worker_input::UploadEnded CheckpointUpload::run(const UploadGrant& grant,
                                                const std::vector<CheckpointFile>& files,
                                                std::vector<protocol::SignedObject> urls) {
    const LinkTurns::Turn turn(parts_.link.turns(), TransferClass::kCheckpoint);
    worker_input::UploadEnded ended{grant.local_seq, false, false};
    Status sent = ok();
    if (are_untouched(grant, files)) {
        const auto rules = parts_.newest().upload_parts;
        sent = rules ? send_in_parts(grant, files, *rules) : send_whole(grant, files, urls);
    }
    // Looked at again behind the last byte: what was changed meanwhile was sent torn.
    const bool is_given_up = !sent && sent.error().code == ErrorCode::kCancelled;
    ended.staging_lost = !are_untouched(grant, files);
    if (ended.staging_lost && !is_given_up)
        sent = not_found("a staged file is gone, or the job has written into it");
    ended.uploaded = sent.has_value();
    if (!sent) {
        const bool may_come_again = !ended.staging_lost && !is_given_up;
        log_warn("agent.upload_failed", {{"why", sent.error().message}});
        parts_.say("the checkpoint " + grant.name + " was not sent: " + sent.error().message +
                   (may_come_again ? "; it is offered again" : ""));
    }
    return ended;
}

Status CheckpointUpload::send_in_parts(const UploadGrant& grant,
                                       const std::vector<CheckpointFile>& files,
                                       const protocol::PartRules& rules) {
    std::vector<BlockSums> sums;
    sums.reserve(files.size());
    for (const CheckpointFile& file : files)
        sums.push_back(parts_.staging.sums_of(grant.local_seq, file.path));
    return send(grant, files, [&](std::size_t file, int from) -> Result<protocol::PartsResponse> {
        // An empty object has no parts: the server makes it.
        while (file < files.size() && files[file].size.count == 0)
            ++file;
        protocol::PartsResponse nothing;
        nothing.next_file = static_cast<int>(file);
        if (file == files.size()) return nothing;
        protocol::PartsRequest wish{grant.checkpoint, static_cast<int>(file), from, {}};
        wish.files =
            static_cast<int>(std::min<std::size_t>(files.size() - file, protocol::kPartsWindow));
        if (rules.is_checked) wish.crc32c = window_checksums(sums, rules, wish);
        return parts_.link.parts(wish, &over_);
    });
}

Status CheckpointUpload::send(const UploadGrant& grant, const std::vector<CheckpointFile>& files,
                              Ask ask) {
    PartUploader::Hooks hooks;
    hooks.ask = std::move(ask);
    hooks.put = [&](const PartUploader::Put& put) {
        return parts_.link.upload_part(
            put.part, parts_.staging.path_of(grant.local_seq, files[put.file].path),
            {&put.cancel, put.timeout, put.is_second, put.asked_wait});
    };
    hooks.wait = [this](Duration delay, const http::CancelToken& over) {
        std::array<pollfd, 2> ends{
            {{parts_.stop.descriptor(), POLLIN, 0}, {over.descriptor(), POLLIN, 0}}};
        return ::poll(ends.data(), ends.size(), static_cast<int>(delay.whole_milliseconds())) == 0;
    };
    hooks.now = real_now;
    RetryNotes notes;
    hooks.on_again = [&notes](const Error& why) { notes.add(why); };
    PartUploader uploader(files.size(), std::move(hooks));
    const auto set_under_way = [this](PartUploader* now) {
        const std::lock_guard lock(mutex_);
        under_way_ = now;
        if (is_given_up_ && now != nullptr) now->give_up();
    };
    set_under_way(&uploader);
    Status sent = uploader.run();
    set_under_way(nullptr);
    notes.tell("the checkpoint " + grant.name, "parts were sent again", parts_.say);
    return sent;
}

// Each file is one part.
Status CheckpointUpload::send_whole(const UploadGrant& grant,
                                    const std::vector<CheckpointFile>& files,
                                    std::vector<protocol::SignedObject>& urls) {
    return send(grant, files,
                [&](std::size_t file, int) { return find_urls(grant, files, file, urls); });
}

Result<protocol::PartsResponse> CheckpointUpload::find_urls(
    const UploadGrant& grant, const std::vector<CheckpointFile>& files, std::size_t from,
    std::vector<protocol::SignedObject>& urls) const {
    // Signed anew with each answer that repeats the grant.
    const auto newest = parts_.newest();
    if (newest.orders.grant && newest.orders.grant->local_seq == grant.local_seq)
        urls = newest.upload_urls;
    std::map<int, std::string> by_index;
    for (const protocol::SignedObject& object : urls)
        by_index[object.index] = object.url;
    protocol::PartsResponse found;
    const std::size_t end = std::min(files.size(), from + protocol::kPartsWindow);
    for (std::size_t i = from; i < end; ++i) {
        const int index = static_cast<int>(i);
        if (by_index[index].empty())
            return internal("the server gave no URL for object " + std::to_string(i));
        found.parts.push_back({1, {}, files[i].size, by_index[index], {}, index});
    }
    found.next_file = static_cast<int>(end);
    return found;
}

}  // namespace herder
