#include "engine/upload_completion.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"
#include "base/crc32c_combine.h"

namespace herder {

namespace {

constexpr std::size_t kPendingMax = 100;
constexpr int kLooksMore = 3;

// Numbers 1, 2, ... without a gap, and all bytes of the file. Whether checksums were compared.
Result<bool> check_parts(const std::vector<UploadPart>& parts, const CheckpointFile& file) {
    const Error torn = not_found("the parts that were uploaded are not the whole object");
    std::int64_t sum = 0;
    std::uint32_t crc = 0;
    bool is_checked = true;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const UploadPart& part = parts[i];
        if (part.number != static_cast<int>(i) + 1) return torn;
        sum += part.size.count;
        is_checked = is_checked && part.crc32c.has_value();
        crc = combine_crc32c(crc, part.crc32c.value_or(0),
                             static_cast<std::uint64_t>(part.size.count));
    }
    if (parts.empty() || sum != file.size.count) return torn;
    if (is_checked && crc != file.crc32c) {
        return Error{ErrorCode::kCorrupt,
                     "the parts that were uploaded have another checksum than the file"};
    }
    return is_checked;
}

// A second copy of a part, sent because the first seemed late, may have come since the parts were
// listed: with the same bytes, but at some stores with another ETag. A listing that by now leaves
// out what the one before it named lags behind, and is no fault of the file either.
Status complete_parts(MultipartUploads& uploads, const PendingUpload& upload,
                      std::vector<UploadPart> parts, const CheckpointFile& file) {
    Status done = uploads.complete(upload, parts);
    for (int look = 0; look < kLooksMore; ++look) {
        if (done || done.error().code != ErrorCode::kCorrupt) return done;
        auto now = uploads.parts(upload);
        if (!now) return unread(now.error());
        if (*now == parts) return done;
        if (const auto checked = check_parts(*now, file); !checked) {
            const bool is_torn = checked.error().code == ErrorCode::kNotFound;
            return is_torn ? unread(checked.error()) : checked.error();
        }
        parts = std::move(*now);
        done = uploads.complete(upload, parts);
    }
    // Copies are still coming: that is no fault of the file.
    return done ? done : Status(unread(done.error()));
}

// An upload that is gone was completed, and only the answer was lost, or somebody has given it up.
// The key of a checkpoint's object is written once, so an object of this size tells which.
Status end_upload(ObjectStore& store, const PendingUpload& upload,
                  const std::vector<UploadPart>& parts, const CheckpointFile& file) {
    const Status done = complete_parts(*store.multipart(), upload, parts, file);
    if (done || done.error().code != ErrorCode::kNotFound) return done;
    const auto info = store.head(upload.key);
    if (!info && info.error().code != ErrorCode::kNotFound) return unread(info.error());
    return info && info->size == file.size ? ok() : done;
}

}  // namespace

Error unread(Error error) {
    const bool is_answer = error.code == ErrorCode::kCorrupt || error.code == ErrorCode::kNotFound;
    if (is_answer) error.code = ErrorCode::kUnavailable;
    return error;
}

Result<bool> complete_upload(MultipartUploads& uploads, const PendingUpload& upload,
                             const CheckpointFile& file) {
    const auto parts = uploads.parts(upload);
    if (!parts && parts.error().code != ErrorCode::kNotFound) return unread(parts.error());
    if (!parts) return parts.error();
    const auto checked = check_parts(*parts, file);
    if (!checked) return checked.error();
    const Status done = complete_parts(uploads, upload, *parts, file);
    if (!done) return done.error();
    return checked;
}

Result<bool> complete_object(ObjectStore& store, const std::string& key,
                             const CheckpointFile& file) {
    MultipartUploads* uploads = store.multipart();
    HERDER_ASSERT(uploads != nullptr);
    if (file.size.count == 0) {
        const Status put = store.put(key, "", true);
        const bool is_there = !put && put.error().code == ErrorCode::kConflict;
        if (!put && !is_there) return put.error();
        return true;
    }
    const auto pending = uploads->pending(key, kPendingMax);
    if (!pending) return unread(pending.error());
    Error failed = not_found("nothing was uploaded");
    bool has_failed = false;
    std::optional<Error> not_read;  // of an upload that may be the whole one
    for (const PendingUpload& upload : *pending) {
        if (upload.key != key) continue;
        const auto parts = uploads->parts(upload);
        if (!parts) {
            if (parts.error().code != ErrorCode::kNotFound) not_read = unread(parts.error());
            continue;
        }
        const auto checked = check_parts(*parts, file);
        if (!checked) {
            // What seems torn may be whole in a moment; what is wrong beside it is another one.
            const bool is_torn = checked.error().code == ErrorCode::kNotFound;
            if (!has_failed || is_torn) failed = checked.error();
            has_failed = true;
            continue;
        }
        const Status done = end_upload(store, upload, *parts, file);
        if (!done) return done.error();
        return checked;
    }
    return not_read.value_or(failed);
}

}  // namespace herder
