#include "worker/checkpoint_upload.h"

#include <poll.h>

#include <algorithm>

#include "base/log.h"
#include "worker/machine_clock.h"
#include "worker/part_checksums.h"
#include "worker/part_uploader.h"
#include "worker/persist.h"

namespace herder {

namespace {

constexpr int kTries = 4;

}  // namespace

bool CheckpointUpload::are_untouched(const UploadGrant& grant,
                                     const std::vector<CheckpointFile>& files) const {
    return std::all_of(files.begin(), files.end(), [&](const CheckpointFile& file) {
        return parts_.staging.is_untouched(grant.local_seq, file.path);
    });
}

worker_input::UploadEnded CheckpointUpload::run(const UploadGrant& grant,
                                                const std::vector<CheckpointFile>& files,
                                                std::vector<protocol::SignedObject> urls) {
    worker_input::UploadEnded ended{grant.local_seq, false, false};
    Status sent = ok();
    if (are_untouched(grant, files)) {
        const auto rules = parts_.newest().upload_parts;
        sent = rules ? send_in_parts(grant, files, *rules) : send_whole(grant, files, urls);
    }
    // Looked at again behind the last byte: what was changed meanwhile was sent torn.
    ended.staging_lost = !are_untouched(grant, files);
    if (ended.staging_lost)
        sent = not_found("a staged file is gone, or the job has written into it");
    ended.uploaded = sent.has_value();
    if (!sent) log_warn("agent.upload_failed", {{"why", sent.error().message}});
    return ended;
}

Result<protocol::PartsResponse> CheckpointUpload::ask(const UploadGrant& grant,
                                                      const BlockSums& sums,
                                                      const protocol::PartRules& rules,
                                                      protocol::PartsRequest wish) {
    wish.checkpoint = grant.checkpoint;
    if (rules.is_checked) wish.crc32c = part_checksums(sums, rules, wish.from);
    return parts_.link.parts(wish);
}

Status CheckpointUpload::send_in_parts(const UploadGrant& grant,
                                       const std::vector<CheckpointFile>& files,
                                       const protocol::PartRules& rules) {
    struct Sent {
        int index = 0;
        std::string path;
        BlockSums sums;
    };
    // An empty object has no parts: the server makes it.
    std::vector<Sent> wanted;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files[i].size.count == 0) continue;
        wanted.push_back({static_cast<int>(i),
                          parts_.staging.path_of(grant.local_seq, files[i].path),
                          parts_.staging.sums_of(grant.local_seq, files[i].path)});
    }
    PartUploader::Hooks hooks;
    hooks.ask = [&](std::size_t file, int from) {
        return ask(grant, wanted[file].sums, rules, {{}, wanted[file].index, from, {}});
    };
    hooks.put = [&](const PartUploader::Put& put) {
        return parts_.link.upload_part(put.part, wanted[put.file].path,
                                       {&put.cancel, put.timeout, put.is_second});
    };
    hooks.wait = [this](Duration delay) {
        pollfd waiting{parts_.stop.descriptor(), POLLIN, 0};
        return ::poll(&waiting, 1, static_cast<int>(delay.whole_milliseconds())) == 0;
    };
    hooks.now = real_now;
    return PartUploader(wanted.size(), std::move(hooks)).run();
}

Status CheckpointUpload::send_whole(const UploadGrant& grant,
                                    const std::vector<CheckpointFile>& files,
                                    std::vector<protocol::SignedObject>& urls) {
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string path = parts_.staging.path_of(grant.local_seq, files[i].path);
        const Status sent = persist([&] { return send_object(grant, i, path, urls); },
                                    {kTries, parts_.stop.descriptor()});
        if (!sent) return sent;
    }
    return ok();
}

Status CheckpointUpload::send_object(const UploadGrant& grant, std::size_t index,
                                     const std::string& path,
                                     std::vector<protocol::SignedObject>& urls) {
    // Signed anew with each answer that repeats the grant.
    const auto newest = parts_.newest();
    if (newest.orders.grant && newest.orders.grant->local_seq == grant.local_seq) {
        urls = newest.upload_urls;
    }
    for (const protocol::SignedObject& object : urls) {
        if (object.index == static_cast<int>(index))
            return parts_.link.upload_file(object.url, path, {&parts_.stop});
    }
    return internal("the server gave no URL for object " + std::to_string(index));
}

}  // namespace herder
