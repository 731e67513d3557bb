#include "sim/upload_desk.h"

#include <algorithm>

#include "base/crc32c_combine.h"
#include "engine/checkpoint_commit.h"

namespace herder::sim {

std::vector<LocalFile> make_local_files(std::uint64_t number) {
    std::vector<LocalFile> files;
    const std::uint64_t shape = mix64(number);
    for (std::uint64_t index = 0; index < 1 + shape % 2; ++index) {
        LocalFile file;
        const std::uint64_t own = mix64(shape ^ (index + 1));
        const std::uint64_t count = 1 + own % 6;
        for (std::uint64_t i = 1; i <= count; ++i) {
            const std::uint64_t content = mix64(own ^ i);
            StoredObject piece;
            // The last one is a rest.
            piece.size = Bytes{i < count ? 4 : 1 + static_cast<std::int64_t>(content % 4)};
            piece.crc32c = static_cast<std::uint32_t>(content >> 32U);
            file.pieces.push_back(std::move(piece));
        }
        const StoredObject whole = join_parts(cut(file, 1));
        file.declared = {index == 0 ? "state.bin" : "random.bin", whole.size, whole.crc32c, 0644};
        files.push_back(std::move(file));
    }
    return files;
}

std::vector<UploadPart> cut(const LocalFile& file, int pieces_per_part) {
    std::vector<UploadPart> parts;
    const auto step = static_cast<std::size_t>(pieces_per_part);
    for (std::size_t from = 0; from < file.pieces.size(); from += step) {
        UploadPart part;
        part.number = static_cast<int>(parts.size()) + 1;
        part.crc32c = 0;
        for (std::size_t i = from; i < std::min(from + step, file.pieces.size()); ++i) {
            const StoredObject& piece = file.pieces[i];
            part.size = part.size + piece.size;
            part.crc32c = combine_crc32c(*part.crc32c, piece.crc32c,
                                         static_cast<std::uint64_t>(piece.size.count));
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

std::vector<CheckpointFile> declare(const std::vector<LocalFile>& files) {
    std::vector<CheckpointFile> declared;
    for (const LocalFile& file : files)
        declared.push_back(file.declared);
    return declared;
}

UploadDesk::UploadDesk(Stage& stage, FakeObjects& objects, Mutant mutant)
    : stage_(stage), objects_(objects), mutant_(mutant) {
    if (stage.faults.strikes(Fault::kPartSizeChanges, 1'000'000))
        pieces_per_part_ = stage.faults.stream(Fault::kPartSizeChanges).below(2) == 0 ? 1 : 3;
}

Result<std::string> UploadDesk::create(const std::string& key) {
    auto created = objects_.bucket().create(key);
    if (created) uploads_[key] = *created;
    return created;
}

Result<std::string> UploadDesk::find_or_create(const std::string& key) {
    const auto known = uploads_.find(key);
    if (known != uploads_.end()) return known->second;
    const auto pending = objects_.bucket().pending(key, 100);
    if (!pending) return pending.error();
    if (pending->empty()) return create(key);
    stage_.marks.hit(Mark::kUploadFoundAgain);
    // Of several the last one was sent to.
    const auto newest = std::max_element(
        pending->begin(), pending->end(),
        [](const PendingUpload& a, const PendingUpload& b) { return a.started < b.started; });
    return uploads_[key] = newest->upload;
}

Status UploadDesk::sign_file(const std::string& key, const std::vector<UploadPart>& parts,
                             std::vector<PartToSend>& wanted) {
    auto upload = find_or_create(key);
    if (!upload) return upload.error();
    auto held = objects_.bucket().parts({key, *upload, {}});
    if (!held) {
        uploads_.erase(key);  // the next request begins anew
        return held.error();
    }
    // What lies beyond the last part was cut in another way, and cannot be taken back.
    const bool is_cut_otherwise = !held->empty() && held->back().number > parts.back().number;
    if (is_cut_otherwise && mutant_ != Mutant::kCutsMixed) {
        stage_.marks.hit(Mark::kCutAnew);
        held->clear();
        upload = create(key);
        if (!upload) return upload.error();
    }
    for (const UploadPart& part : parts) {
        const bool is_held =
            std::any_of(held->begin(), held->end(), [&part](const UploadPart& there) {
                return there.number == part.number && there.size == part.size;
            });
        if (is_held)
            stage_.marks.hit(Mark::kUploadResumed);
        else
            wanted.push_back({*upload, part, {parts.back().number, stage_.now()}});
    }
    return ok();
}

Result<std::vector<PartToSend>> UploadDesk::sign(const Checkpoint& checkpoint,
                                                 const std::vector<LocalFile>& files) {
    std::vector<PartToSend> wanted;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string key = objects_.folder_of(checkpoint) + object_name(i);
        const Status signed_all = sign_file(key, cut(files[i], pieces_per_part_), wanted);
        if (!signed_all) return signed_all.error();
    }
    return wanted;
}

}  // namespace herder::sim
