#pragma once
// A store in memory that takes objects in parts, for the tests of those who use one.
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "ports/object_store.h"

namespace herder {

class FakeUploadStore : public ObjectStore, public MultipartUploads {
  public:
    std::map<std::string, std::string> objects;
    std::map<std::string, WallTime> modified;    // as listings tell it, where it is set
    std::optional<WallTime> now;                 // by the store's calendar
    std::map<std::string, std::string> made_by;  // of objects that were made of marked uploads
    bool keeps_marks = true;
    bool never_replaces = false;  // completions over an object are refused
    struct Upload {
        std::string key;
        std::map<int, UploadPart> parts;
        WallTime started;
        std::string mark{};
    };
    std::map<std::string, Upload> uploads;  // by name
    int created = 0;
    int listed = 0;  // how often the parts of an upload were asked for
    bool fails_to_abort = false;
    bool is_away = false;                 // listings are not answered
    std::optional<Error> refusal;         // of every completion
    std::optional<Error> list_refusal;    // of every listing
    std::optional<Error> remove_refusal;  // of every deletion
    int searched = 0;                     // and uploads
    UploadLimits told{Bytes{1}, 10'000, false, false};

    // As the holder of a URL does it.
    void receive(const std::string& upload, int number, Bytes size,
                 std::optional<std::uint32_t> crc32c = {}) {
        uploads.at(upload).parts[number] = {number, size, "e" + std::to_string(number), crc32c};
    }

    Status put(const std::string& key, const std::string& data, bool only_if_absent) override {
        if (only_if_absent && objects.contains(key)) return Error{ErrorCode::kConflict, key};
        objects[key] = data;
        made_by.erase(key);
        return ok();
    }
    Result<std::string> get(const std::string& key, std::size_t) override {
        const auto found = objects.find(key);
        if (found == objects.end()) return not_found(key);
        return found->second;
    }
    Result<ObjectInfo> head(const std::string& key) override {
        const auto found = objects.find(key);
        if (found == objects.end()) return not_found(key);
        const auto mark = made_by.find(key);
        return ObjectInfo{key,
                          Bytes{static_cast<std::int64_t>(found->second.size())},
                          {},
                          {},
                          mark == made_by.end() ? "" : mark->second};
    }
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t) override {
        if (is_away) return unavailable("503 Slow Down");
        if (list_refusal) return *list_refusal;
        std::vector<ObjectInfo> found;
        for (const auto& [key, data] : objects) {
            if (!key.starts_with(prefix)) continue;
            found.push_back(*head(key));
            const auto when = modified.find(key);
            if (when != modified.end()) found.back().modified = when->second;
        }
        return found;
    }
    Status remove(const std::string& key) override {
        if (remove_refusal) return *remove_refusal;
        return objects.erase(key) > 0 ? ok() : Status(not_found(key));
    }
    Result<std::string> sign(UrlVerb, const std::string& key, WallTime) override {
        return "http://store/" + key;
    }
    std::optional<WallTime> told_now() const override { return now; }
    MultipartUploads* multipart() override { return this; }

    UploadLimits limits() const override { return told; }
    Result<std::string> create(const std::string& key) override {
        const std::lock_guard lock(mutex_);  // several may be created at once
        const std::string name = "u" + std::to_string(++created);
        uploads[name] = {key, {}, {}};
        return name;
    }
    Result<std::string> create_marked(const std::string& key, const std::string& mark) override {
        auto name = create(key);
        if (name && keeps_marks) uploads[*name].mark = mark;
        return name;
    }
    std::map<std::string, std::string> part_headers(std::uint32_t crc32c) const override {
        return {{"x-sum", std::to_string(crc32c)}};
    }
    Result<std::string> sign_part(const PendingUpload& upload, int number, Bytes,
                                  std::optional<std::uint32_t> crc32c, WallTime) override {
        if (told.is_checked && !crc32c) return invalid("no checksum");
        return "http://store/" + upload.key + "?upload=" + upload.upload +
               "&part=" + std::to_string(number);
    }
    Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override {
        ++listed;
        const auto found = uploads.find(upload.upload);
        if (found == uploads.end()) return not_found(upload.upload);
        std::vector<UploadPart> all;
        for (const auto& [number, part] : found->second.parts)
            all.push_back(part);
        return all;
    }
    Status complete(const PendingUpload& upload, const std::vector<UploadPart>& wanted) override {
        if (refusal) return *refusal;
        if (!uploads.contains(upload.upload)) return not_found(upload.upload);
        if (never_replaces && objects.contains(upload.key))
            return Error{ErrorCode::kConflict, "409 BlobAlreadyExists"};
        std::int64_t size = 0;
        for (const UploadPart& part : wanted)
            size += part.size.count;
        objects[upload.key] = std::string(static_cast<std::size_t>(size), 'x');
        made_by[upload.key] = uploads[upload.upload].mark;
        uploads.erase(upload.upload);
        return ok();
    }
    Status abort(const PendingUpload& upload) override {
        if (fails_to_abort) return unavailable("503 Slow Down");
        return uploads.erase(upload.upload) > 0 ? ok() : Status(not_found(upload.upload));
    }
    Result<std::vector<PendingUpload>> pending(const std::string& prefix, std::size_t) override {
        ++searched;
        std::vector<PendingUpload> all;
        for (const auto& [name, upload] : uploads) {
            if (upload.key.starts_with(prefix)) all.push_back({upload.key, name, upload.started});
        }
        return all;
    }

  private:
    std::mutex mutex_;
};

}  // namespace herder
