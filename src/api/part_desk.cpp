#include "api/part_desk.h"

#include <algorithm>

#include "core/checkpoints/part_plan.h"

namespace herder::api {

namespace {

constexpr std::size_t kUploadsMax = 100'000;
constexpr std::size_t kPendingMax = 100;

}  // namespace

Result<PendingUpload> PartDesk::find_or_create(MultipartUploads& uploads, const std::string& key) {
    const auto known = uploads_.find(key);
    if (known != uploads_.end()) return PendingUpload{key, known->second, {}};
    // Of the server before, which may have been told less than the store.
    const auto pending = uploads.pending(key, kPendingMax);
    if (!pending) return pending.error();
    const auto same = std::find_if(pending->begin(), pending->end(),
                                   [&key](const PendingUpload& one) { return one.key == key; });
    std::string upload;
    if (same != pending->end()) {
        upload = same->upload;
    } else {
        auto created = uploads.create(key);
        if (!created) return created.error();
        upload = std::move(*created);
    }
    if (uploads_.size() >= kUploadsMax) uploads_.clear();
    uploads_[key] = upload;
    return PendingUpload{key, upload, {}};
}

namespace {

bool is_held(const std::vector<UploadPart>& held, int number, Bytes size) {
    return std::any_of(held.begin(), held.end(), [&](const UploadPart& part) {
        return part.number == number && part.size == size;
    });
}

}  // namespace

Result<protocol::PartsResponse> PartDesk::sign(const Object& object,
                                               const protocol::PartsRequest& wish,
                                               WallTime expires) {
    MultipartUploads* uploads = objects_.multipart();
    if (uploads == nullptr) return invalid("this store takes objects only whole");
    if (object.size.count <= 0) return invalid("an empty object has no parts");
    const auto upload = find_or_create(*uploads, object.key);
    if (!upload) return upload.error();
    const auto held = uploads->parts(*upload);
    // Aborted meanwhile: the next request begins anew.
    if (!held) {
        uploads_.erase(object.key);
        const bool is_gone = held.error().code == ErrorCode::kNotFound;
        return is_gone ? unavailable("the upload of " + object.key + " is gone; ask again")
                       : held.error();
    }
    const UploadLimits limits = uploads->limits();
    const Bytes part_size = choose_part_size(object.size, limits.part_size_min, limits.parts_max);
    const int total = count_parts(object.size, part_size);
    const int end = std::min(wish.from + protocol::kPartsWindow, total + 1);
    protocol::PartsResponse response;
    response.next = end <= total ? end : 0;
    for (int number = wish.from; number < end; ++number) {
        const PartRange range = range_of_part(number, object.size, part_size);
        if (is_held(*held, number, range.size)) continue;
        const auto index = static_cast<std::size_t>(number - wish.from);
        std::optional<std::uint32_t> crc;
        if (index < wish.crc32c.size()) crc = wish.crc32c[index];
        auto url = uploads->sign_part(*upload, number, range.size, crc, expires);
        if (!url) return url.error();
        protocol::PartUrl part{number, range.offset, range.size, std::move(*url), {}};
        if (limits.is_checked && crc) part.headers = uploads->part_headers(*crc);
        response.parts.push_back(std::move(part));
    }
    return response;
}

}  // namespace herder::api
