#pragma once
// The simulated bucket as it truly is: objects, of which size and checksum are all that there is to
// most, and uploads in parts. What the orchestrator asks of it goes through the bad habits of
// stores: calls that fail, that take long, that happen although their answer was lost, that happen
// minutes after they were given up, and listings that lag. The real commit path works on it.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/object_store.h"
#include "sim/stage.h"

namespace herder::sim {

struct StoredObject {
    Bytes size;
    std::uint32_t crc32c = 0;  // of what really lies there
    std::string text;          // of small ones
    Instant changed;
    std::string etag = {};  // of one that came in parts: of their ETags, so of how it was cut
    bool operator==(const StoredObject&) const = default;
};

// The object that parts make, in their order.
StoredObject join_parts(const std::vector<UploadPart>& parts);

// What the one who sent a part was told with its URL.
struct SentAs {
    int count = 0;  // into so many parts its object is cut; 0: unknown
    Instant signed_at;
};

class FakeBucket : public ObjectStore, public MultipartUploads {
  public:
    struct Upload {
        std::string key;
        std::map<int, UploadPart> parts;  // with the checksum of what came
        Instant begun;
        Instant newest;                               // when the last part came
        std::map<int, Instant> came = {};             // when each came first
        std::map<int, std::string> first_etags = {};  // of each when it came first
    };

    explicit FakeBucket(Stage& stage);

    // ---- what machines do with signed URLs
    // kNotFound: there is no such upload (any more).
    Status receive(const std::string& upload, UploadPart part, const SentAs& sent = {});
    // It arrives after `wait`, when its sender has given it up; or while its upload is completed.
    void receive_late(const std::string& upload, const UploadPart& part, const SentAs& sent,
                      Duration wait);
    // What one reading of an object brings to this machine, damage on the way included.
    Result<StoredObject> fetch(const std::string& key, std::int64_t machine);

    // ---- the truth
    const StoredObject* object(const std::string& key) const;
    const std::map<std::string, StoredObject>& objects() const { return objects_; }
    const std::map<std::string, Upload>& uploads() const { return uploads_; }  // by name
    // It knows the checksums of what it holds, and tells them.
    bool tells_checksums() const { return tells_checksums_; }
    // It never lets this object be completed, and says so.
    bool denies(const std::string& key) const { return denied_.contains(key); }
    void deny(const std::string& key) { denied_.insert(key); }
    // A part that is sent once more has another ETag, though it has the same bytes.
    bool has_etags_by_send() const { return etags_by_send_; }
    // Without any habits, for tests and planted defects.
    void place(const std::string& key, StoredObject object);
    // What nobody asked for: it is gone, other bytes of the same size lie there, somebody else
    // has put a text there.
    void lose(const std::string& key) { objects_.erase(key); }
    void replace(const std::string& key);
    void forge(const std::string& key, const std::string& text);

    // Told right after an object became visible, and right before one vanishes. The key stays
    // valid while they look.
    std::function<void(const std::string& key, bool replaced)> on_put;
    std::function<void(const std::string& key)> on_remove;
    // An upload of this key was given up, with what had come of it.
    std::function<void(const std::string& key)> on_abort;
    // A part came for an upload of this key that holds parts beyond the last one of its cut, and
    // did so when the part's URL was asked for.
    std::function<void(const std::string& key)> on_part_in_vain;

    // ---- the caller's time
    // What its calls took since this was asked last.
    Duration take_spent() { return std::exchange(spent_, Duration{}); }
    // After so many more calls the caller is dead: what it still asks for has no effect.
    void cut_after(int calls) { calls_left_ = calls; }
    // True if that has come to pass; from now on calls work again.
    bool mend();

    Status put(const std::string& key, const std::string& data, bool only_if_absent) override;
    Result<std::string> get(const std::string& key, std::size_t limit) override;
    Result<ObjectInfo> head(const std::string& key) override;
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override;
    Status remove(const std::string& key) override;
    Result<std::string> sign(UrlVerb, const std::string& key, WallTime) override { return key; }
    MultipartUploads* multipart() override { return this; }

    UploadLimits limits() const override { return {Bytes{1}, 10'000, false, tells_checksums_}; }
    Result<std::string> create(const std::string& key) override;
    Result<std::string> sign_part(const PendingUpload& upload, int, Bytes,
                                  std::optional<std::uint32_t>, WallTime) override {
        return upload.upload;
    }
    std::map<std::string, std::string> part_headers(std::uint32_t) const override { return {}; }
    Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override;
    Status complete(const PendingUpload& upload, const std::vector<UploadPart>& parts) override;
    Status abort(const PendingUpload& upload) override;
    Result<std::vector<PendingUpload>> pending(const std::string& prefix,
                                               std::size_t limit) override;

  private:
    // An error where the call has no effect.
    Status begin_call();
    // A call that changes something, with all that may become of it.
    Status change(const std::function<Status()>& act);
    bool lags(Instant changed);
    Status put_now(const std::string& key, const std::string& data, bool only_if_absent);
    Status remove_now(const std::string& key);
    Status complete_now(const std::string& upload, const std::vector<UploadPart>& parts);
    void show(const std::string& key, StoredObject object);
    void arrive_meanwhile(const std::string& upload);
    struct OnItsWay {
        std::string upload;
        UploadPart part;
        SentAs sent;
    };

    Stage& stage_;
    RandomStream draw_;
    bool tells_checksums_ = true;
    bool honours_conditions_ = true;  // only_if_absent is more than a wish
    bool etags_by_send_ = false;
    std::uint64_t next_send_ = 1;
    std::map<std::uint64_t, OnItsWay> on_their_way_;             // by the number of their sending
    std::set<std::pair<std::int64_t, std::string>> damaged_on_;  // by the last reading there
    std::map<std::string, StoredObject> objects_;
    std::map<std::string, Upload> uploads_;
    std::set<std::string> denied_;
    std::uint64_t next_upload_ = 1;
    Duration spent_;
    std::optional<int> calls_left_;
    bool was_cut_ = false;
};

}  // namespace herder::sim
