#include "api/part_desk.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/checkpoints/part_plan.h"

namespace herder::api {

namespace {

constexpr std::size_t kUploadsMax = 100'000;
constexpr std::size_t kPendingMax = 10'000;
constexpr std::size_t kCreatedAtOnce = 8;

// A round trip each, so several at once.
std::vector<Result<std::string>> create_all(MultipartUploads& uploads,
                                            const std::vector<std::string>& keys) {
    std::vector<Result<std::string>> made(keys.size(), unavailable("not asked for"));
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < keys.size(); i = next++)
            made[i] = uploads.create(keys[i]);
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < std::min(kCreatedAtOnce, keys.size()); ++i)
        threads.emplace_back(work);
    work();
    for (std::thread& thread : threads)
        thread.join();
    return made;
}

}  // namespace

std::vector<PartDesk::Stretch> PartDesk::plan(const std::vector<Object>& objects,
                                              const protocol::PartsRequest& wish,
                                              const UploadLimits& limits,
                                              protocol::PartsResponse& response) {
    std::vector<Stretch> window;
    int left = protocol::kPartsWindow;
    response.next_file = wish.index;
    for (const Object& object : objects) {
        const int file = response.next_file;
        response.next = file == wish.index ? wish.from : 1;
        if (left == 0) return window;
        ++response.next_file;
        if (object.size.count <= 0) continue;  // it has no parts
        const Bytes size = choose_part_size(object.size, limits.part_size_min, limits.parts_max);
        const int total = count_parts(object.size, size);
        const int end = std::min(response.next + left, total + 1);
        if (end > response.next) {
            window.push_back({file, &object, size, response.next, end});
            left -= end - response.next;
        }
        if (end > total) continue;
        response.next_file = file;
        response.next = end;
        return window;
    }
    response.next = 0;
    return window;
}

// What the server before has begun in the object's folder. It may have been told less than the
// store.
Status PartDesk::find_earlier(MultipartUploads& uploads, const std::string& key) {
    const std::string folder = key.substr(0, key.rfind('/') + 1);
    if (!searched_.insert(folder).second) return ok();
    auto pending = uploads.pending(folder, kPendingMax);
    if (pending && pending->size() == kPendingMax) {
        searched_.erase(folder);
        pending = uploads.pending(key, kPendingMax);
    }
    if (!pending) {
        searched_.erase(folder);
        return pending.error();
    }
    // Of several of one key the last one was sent to: the answers to those before were lost.
    std::map<std::string, const PendingUpload*> newest;
    for (const PendingUpload& one : *pending) {
        const auto [known, first] = newest.try_emplace(one.key, &one);
        if (!first && one.started > known->second->started) known->second = &one;
    }
    for (const auto& [object, one] : newest)
        uploads_.try_emplace(object, Upload{one->upload, 0, {}});
    return ok();
}

void PartDesk::take_named(const Object& object) {
    const auto known = uploads_.find(object.key);
    if (known != uploads_.end() && known->second.name == object.upload) return;
    uploads_[object.key] = {object.upload, 0, {}};
}

// The server before cut it into smaller parts. Those beyond the last one of now cannot be taken
// back, so of that upload no object can be made any more; the next request begins another one.
bool PartDesk::is_cut_otherwise(const std::map<int, Bytes>& held, const Stretch& stretch) {
    const int total = count_parts(stretch.object->size, stretch.part_size);
    return !held.empty() && held.rbegin()->first > total;
}

Status PartDesk::look_at(MultipartUploads& uploads, const Stretch& stretch) {
    const auto known = uploads_.find(stretch.object->key);
    Upload& upload = known->second;
    if (upload.asked_to == 0 || stretch.from < upload.asked_to) {
        const auto parts = uploads.parts({known->first, upload.name, {}});
        // A store that does not answer says nothing about the upload, which may hold nearly all.
        if (!parts && parts.error().code != ErrorCode::kNotFound) return parts.error();
        // Aborted meanwhile: the next request begins anew.
        if (!parts) {
            const std::string key = known->first;
            uploads_.erase(known);
            if (!stretch.object->upload.empty())
                return not_found("the upload of " + key + " is gone");
            return unavailable("the upload of " + key + " is gone; ask again");
        }
        upload.held.clear();
        for (const UploadPart& part : *parts)
            upload.held[part.number] = part.size;
        if (is_cut_otherwise(upload.held, stretch)) {
            const std::string key = known->first;
            uploads_.erase(known);
            if (!stretch.object->upload.empty())
                return not_found("the upload of " + key + " was cut into smaller parts");
            if (stretch.from == 1) return unavailable("the upload of " + key + " is useless");
            return Error{ErrorCode::kConflict,
                         "the upload of " + key +
                             " was cut into smaller parts before the server "
                             "was started; send the object from its beginning"};
        }
    }
    upload.asked_to = stretch.end;
    return ok();
}

Status PartDesk::open(MultipartUploads& uploads, const std::vector<Stretch>& window) {
    if (uploads_.size() >= kUploadsMax) {
        uploads_.clear();
        searched_.clear();
    }
    std::vector<std::string> missing;
    for (const Stretch& stretch : window) {
        const std::string& key = stretch.object->key;
        if (!stretch.object->upload.empty()) take_named(*stretch.object);
        if (uploads_.contains(key)) continue;
        if (auto found = find_earlier(uploads, key); !found) return found;
        if (!uploads_.contains(key)) missing.push_back(key);
    }
    auto created = create_all(uploads, missing);
    Status opened = ok();
    for (std::size_t i = 0; i < missing.size(); ++i) {
        if (created[i])
            uploads_[missing[i]] = {std::move(*created[i]), 1, {}};
        else
            opened = created[i].error();
    }
    for (std::size_t i = 0; opened && i < window.size(); ++i)
        opened = look_at(uploads, window[i]);
    return opened;
}

Result<protocol::PartsResponse> PartDesk::sign(const std::vector<Object>& objects,
                                               const protocol::PartsRequest& wish,
                                               WallTime expires) {
    MultipartUploads* uploads = objects_.multipart();
    if (uploads == nullptr) return invalid("this store takes objects only whole");
    const UploadLimits limits = uploads->limits();
    protocol::PartsResponse response;
    const std::vector<Stretch> window = plan(objects, wish, limits, response);
    if (auto opened = open(*uploads, window); !opened) return opened.error();
    std::size_t index = 0;  // within the window
    for (const Stretch& stretch : window) {
        const auto& [key, upload] = *uploads_.find(stretch.object->key);
        const PendingUpload pending{key, upload.name, {}};
        for (int number = stretch.from; number < stretch.end; ++number, ++index) {
            const PartRange range = range_of_part(number, stretch.object->size, stretch.part_size);
            const auto held = upload.held.find(number);
            if (held != upload.held.end() && held->second == range.size) continue;
            std::optional<std::uint32_t> crc;
            if (index < wish.crc32c.size()) crc = wish.crc32c[index];
            auto url = uploads->sign_part(pending, number, range.size, crc, expires);
            if (!url) return url.error();
            protocol::PartUrl part{number,          range.offset, range.size,
                                   std::move(*url), {},           stretch.file};
            if (limits.is_checked && crc) part.headers = uploads->part_headers(*crc);
            response.parts.push_back(std::move(part));
        }
    }
    return response;
}

}  // namespace herder::api
