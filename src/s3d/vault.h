#pragma once
// Buckets, objects and multipart uploads of the test server, with the rules of S3. Thread-safe.
// Knows nothing of HTTP.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "s3d/blob.h"
#include "s3d/checksums.h"

namespace herder::s3d {

// How stores that call themselves compatible differ.
enum class Support { kWorks, kIgnored, kRefused };
struct Quirks {
    Support conditional_put = Support::kWorks;       // If-None-Match and If-Match of PutObject
    Support conditional_complete = Support::kWorks;  // the same of CompleteMultipartUpload
    Support checksums = Support::kWorks;             // x-amz-checksum-...
    bool forgets_completed = false;  // a repeated Complete answers NoSuchUpload, not 200 again
    bool signs_length = true;        // a signed content-length is enforced
    bool equal_parts = false;        // all parts but the last have one size
    int list_lag = 0;                // a new object is missing from this many listings
    std::uint64_t part_size_min = 5 << 20;
    int parts_max = 10'000;
    // Of one PutObject or UploadPart (docs.aws.amazon.com/AmazonS3/latest/userguide/
    // upload-objects.html, November 2026).
    std::uint64_t put_max = std::uint64_t{5} << 30;
};

using Checksums = std::map<Algorithm, std::string>;  // base64

struct Object {
    BlobPtr blob;
    std::string etag;  // without quotes
    Checksums checksums;
    bool is_composite = false;  // the checksums are of the parts' checksums
    WallTime modified;
    std::map<std::string, std::string> metadata;  // headers to give back
    std::uint64_t listed_from = 0;                // the number of the first listing that shows it
};

struct Part {
    BlobPtr blob;
    std::string etag;
    Checksums checksums;
    WallTime modified;
};

struct Upload {
    std::string id;
    std::string key;
    WallTime initiated;
    std::optional<Algorithm> algorithm;
    std::map<std::string, std::string> metadata;
    std::map<int, Part> parts;
};

struct Condition {
    bool if_absent = false;
    std::string if_match{};  // an etag without quotes; empty: none
};

// What went wrong, as S3 calls it.
struct Refusal {
    int status = 400;
    std::string code;
    std::string message;
};
template <typename T>
struct Outcome {
    std::optional<T> value;
    Refusal refusal;
};

struct ListWish {
    std::string prefix{};
    std::string delimiter{};
    std::string after{};  // keys up to and including this one are left out
    std::size_t limit = 1000;
};
struct ListPage {
    std::vector<std::pair<std::string, Object>> objects;
    std::vector<std::string> prefixes;
    std::string next;  // empty: nothing follows
};

struct CompletedPart {
    int number = 0;
    std::string etag;
    Checksums checksums;
};

class Vault {
  public:
    Vault(Keeping keeping, std::string folder, Quirks quirks);

    // Reads what an earlier vault left in the folder.
    Status load();
    void create_bucket(const std::string& bucket);
    bool has_bucket(const std::string& bucket) const;
    std::vector<std::string> buckets() const;
    Result<std::unique_ptr<BlobWriter>> start_blob();

    std::optional<Refusal> put(const std::string& bucket, const std::string& key, Object object,
                               const Condition& condition);
    std::optional<Object> get(const std::string& bucket, const std::string& key) const;
    void remove(const std::string& bucket, const std::string& key);
    ListPage list(const std::string& bucket, const ListWish& wish);

    std::string create_upload(const std::string& bucket, Upload upload);
    std::optional<Refusal> put_part(const std::string& bucket, const std::string& id, int number,
                                    Part part);
    Outcome<Object> complete(const std::string& bucket, const std::string& key,
                             const std::string& id, const std::vector<CompletedPart>& parts,
                             const Condition& condition, WallTime now);
    std::optional<Refusal> abort(const std::string& bucket, const std::string& id);
    std::optional<Upload> upload(const std::string& bucket, const std::string& id) const;
    std::vector<Upload> uploads(const std::string& bucket, const std::string& prefix) const;

    const Quirks& quirks() const { return quirks_; }

  private:
    struct Bucket {
        std::map<std::string, Object> objects;
        std::map<std::string, Upload> uploads;
        std::map<std::string, Object> completed;  // by upload id
    };

    std::optional<Refusal> check_condition(const Bucket& bucket, const std::string& key,
                                           const Condition& condition, Support support) const;
    std::optional<Refusal> check_parts(const Upload& upload,
                                       const std::vector<CompletedPart>& parts) const;
    static Object assemble(const Upload& upload, const std::vector<CompletedPart>& parts);
    void store(Bucket& bucket, const std::string& name, const std::string& key, Object object);

    const Keeping keeping_;
    const std::string folder_;
    const Quirks quirks_;
    mutable std::mutex mutex_;  // guards all below
    std::map<std::string, Bucket> buckets_;
    std::uint64_t numbers_ = 0;
    std::uint64_t listings_ = 0;
};

}  // namespace herder::s3d
