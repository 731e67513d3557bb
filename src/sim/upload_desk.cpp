#include "sim/upload_desk.h"

#include <algorithm>

#include "engine/checkpoint_commit.h"

namespace herder::sim {

std::vector<LocalFile> make_local_files(std::uint64_t number) {
    std::vector<LocalFile> files;
    const std::uint64_t shape = mix64(number);
    for (std::uint64_t index = 0; index < 1 + shape % 2; ++index) {
        LocalFile file;
        const std::uint64_t own = mix64(shape ^ (index + 1));
        const int count = 1 + static_cast<int>(own % 3);
        for (int i = 1; i <= count; ++i) {
            const std::uint64_t content = mix64(own ^ static_cast<std::uint64_t>(i));
            UploadPart part;
            part.number = i;
            part.size = Bytes{5 + static_cast<std::int64_t>(content % 8)};
            part.crc32c = static_cast<std::uint32_t>(content >> 32U);
            file.parts.push_back(std::move(part));
        }
        const StoredObject whole = join_parts(file.parts);
        file.declared = {index == 0 ? "state.bin" : "random.bin", whole.size, whole.crc32c, 0644};
        files.push_back(std::move(file));
    }
    return files;
}

std::size_t count_parts(const std::vector<LocalFile>& files) {
    std::size_t count = 0;
    for (const LocalFile& file : files)
        count += file.parts.size();
    return count;
}

std::vector<CheckpointFile> declare(const std::vector<LocalFile>& files) {
    std::vector<CheckpointFile> declared;
    for (const LocalFile& file : files)
        declared.push_back(file.declared);
    return declared;
}

Result<PendingUpload> UploadDesk::find_or_create(const std::string& key) {
    const auto known = uploads_.find(key);
    if (known != uploads_.end()) return PendingUpload{key, known->second, {}};
    FakeBucket& bucket = objects_.bucket();
    const auto pending = bucket.pending(key, 100);
    if (!pending) return pending.error();
    if (!pending->empty()) {
        stage_.marks.hit(Mark::kUploadFoundAgain);
        uploads_[key] = pending->front().upload;
        return pending->front();
    }
    auto created = bucket.create(key);
    if (!created) return created.error();
    uploads_[key] = *created;
    return PendingUpload{key, *created, {}};
}

Result<std::vector<PartToSend>> UploadDesk::sign(const Checkpoint& checkpoint,
                                                 const std::vector<LocalFile>& files) {
    std::vector<PartToSend> wanted;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string key = objects_.folder_of(checkpoint) + object_name(i);
        const auto upload = find_or_create(key);
        if (!upload) return upload.error();
        const auto held = objects_.bucket().parts(*upload);
        if (!held) {
            uploads_.erase(key);  // the next request begins anew
            return held.error();
        }
        for (const UploadPart& part : files[i].parts) {
            const bool is_held =
                std::any_of(held->begin(), held->end(), [&part](const UploadPart& there) {
                    return there.number == part.number && there.size == part.size;
                });
            if (!is_held) wanted.push_back({upload->upload, part});
        }
    }
    return wanted;
}

}  // namespace herder::sim
