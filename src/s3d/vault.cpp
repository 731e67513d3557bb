#include "s3d/vault.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/digest.h"

namespace herder::s3d {

namespace fs = std::filesystem;

namespace {

Refusal refuse(int status, std::string code, std::string message) {
    return {status, std::move(code), std::move(message)};
}

Refusal no_such_upload() {
    return refuse(404, "NoSuchUpload", "The specified multipart upload does not exist.");
}

// A kept object is two files: its bytes, and a few lines about it.
std::string file_stem(const std::string& folder, const std::string& bucket,
                      const std::string& key) {
    return folder + "/" + bucket + "/" + sha256_hex(key);
}

void save(const std::string& stem, const std::string& key, Object& object) {
    std::error_code failed;
    fs::create_directories(fs::path(stem).parent_path(), failed);
    std::ofstream data(stem + ".data.new", std::ios::binary | std::ios::trunc);
    std::string piece(1 << 20, '\0');
    for (std::uint64_t at = 0; at < object.blob->size();) {
        const auto size = static_cast<std::size_t>(
            std::min<std::uint64_t>(piece.size(), object.blob->size() - at));
        if (!object.blob->read(at, piece.data(), size)) return;
        data.write(piece.data(), static_cast<std::streamsize>(size));
        at += size;
    }
    data.close();
    std::ofstream(stem + ".meta", std::ios::trunc) << to_hex(key) << '\n'
                                                   << object.etag << '\n'
                                                   << object.modified.us << '\n';
    fs::rename(stem + ".data.new", stem + ".data", failed);
    if (auto kept = open_blob(stem + ".data", false)) object.blob = *kept;
}

}  // namespace

Vault::Vault(Keeping keeping, std::string folder, Quirks quirks)
    : keeping_(keeping), folder_(std::move(folder)), quirks_(quirks) {}

Status Vault::load() {
    if (keeping_ != Keeping::kFolder) return ok();
    std::error_code failed;
    fs::create_directories(folder_ + "/.parts", failed);
    for (const auto& entry : fs::directory_iterator(folder_ + "/.parts", failed))
        fs::remove(entry.path(), failed);
    const std::lock_guard lock(mutex_);
    for (const auto& folder : fs::directory_iterator(folder_, failed)) {
        const std::string name = folder.path().filename();
        if (!folder.is_directory() || name.starts_with('.')) continue;
        Bucket& bucket = buckets_[name];
        for (const auto& entry : fs::directory_iterator(folder.path(), failed)) {
            if (entry.path().extension() != ".meta") continue;
            std::ifstream meta(entry.path());
            std::string key;
            Object object;
            meta >> key >> object.etag >> object.modified.us;
            auto blob = open_blob(fs::path(entry.path()).replace_extension(".data"), false);
            const auto name_of_key = from_hex(key);
            if (!blob || !name_of_key) continue;
            object.blob = *blob;
            bucket.objects[*name_of_key] = std::move(object);
        }
    }
    if (failed) return unavailable("reading the folder " + folder_ + ": " + failed.message());
    return ok();
}

void Vault::create_bucket(const std::string& bucket) {
    const std::lock_guard lock(mutex_);
    buckets_[bucket];
    std::error_code failed;
    if (keeping_ == Keeping::kFolder) fs::create_directories(folder_ + "/" + bucket, failed);
}

bool Vault::has_bucket(const std::string& bucket) const {
    const std::lock_guard lock(mutex_);
    return buckets_.contains(bucket);
}

std::vector<std::string> Vault::buckets() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, bucket] : buckets_)
        names.push_back(name);
    return names;
}

Result<std::unique_ptr<BlobWriter>> Vault::start_blob() {
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        number = ++numbers_;
    }
    return BlobWriter::make(keeping_, folder_ + "/.parts/" + std::to_string(number));
}

std::optional<Refusal> Vault::check_condition(const Bucket& bucket, const std::string& key,
                                              const Condition& condition, Support support) const {
    if (!condition.if_absent && condition.if_match.empty()) return std::nullopt;
    if (support == Support::kIgnored) return std::nullopt;
    if (support == Support::kRefused) {
        return refuse(501, "NotImplemented",
                      "A header you provided implies functionality that is not implemented");
    }
    const auto there = bucket.objects.find(key);
    const bool exists = there != bucket.objects.end();
    if (condition.if_absent && exists) {
        return refuse(412, "PreconditionFailed",
                      "At least one of the pre-conditions you specified did not hold");
    }
    if (!condition.if_match.empty() && !exists) {
        return refuse(404, "NoSuchKey", "The specified key does not exist.");
    }
    if (!condition.if_match.empty() && there->second.etag != condition.if_match) {
        return refuse(412, "PreconditionFailed",
                      "At least one of the pre-conditions you specified did not hold");
    }
    return std::nullopt;
}

void Vault::store(Bucket& bucket, const std::string& name, const std::string& key, Object object) {
    object.listed_from = listings_ + static_cast<std::uint64_t>(quirks_.list_lag);
    if (keeping_ == Keeping::kFolder) save(file_stem(folder_, name, key), key, object);
    bucket.objects[key] = std::move(object);
}

std::optional<Refusal> Vault::put(const std::string& bucket, const std::string& key, Object object,
                                  const Condition& condition) {
    const std::lock_guard lock(mutex_);
    Bucket& home = buckets_[bucket];
    if (auto refused = check_condition(home, key, condition, quirks_.conditional_put))
        return refused;
    store(home, bucket, key, std::move(object));
    return std::nullopt;
}

std::optional<Object> Vault::get(const std::string& bucket, const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto home = buckets_.find(bucket);
    if (home == buckets_.end()) return std::nullopt;
    const auto found = home->second.objects.find(key);
    if (found == home->second.objects.end()) return std::nullopt;
    return found->second;
}

void Vault::remove(const std::string& bucket, const std::string& key) {
    const std::lock_guard lock(mutex_);
    buckets_[bucket].objects.erase(key);
    if (keeping_ != Keeping::kFolder) return;
    std::error_code ignored;
    fs::remove(file_stem(folder_, bucket, key) + ".meta", ignored);
    fs::remove(file_stem(folder_, bucket, key) + ".data", ignored);
}

ListPage Vault::list(const std::string& bucket, const ListWish& wish) {
    const std::lock_guard lock(mutex_);
    ListPage page;
    const std::uint64_t number = listings_++;
    const auto& objects = buckets_[bucket].objects;
    std::string last;
    for (auto i = objects.lower_bound(wish.prefix); i != objects.end(); ++i) {
        const std::string& key = i->first;
        if (!key.starts_with(wish.prefix)) break;
        if (key <= wish.after || i->second.listed_from > number) continue;
        const std::size_t cut = wish.delimiter.empty()
                                    ? std::string::npos
                                    : key.find(wish.delimiter, wish.prefix.size());
        const std::string common =
            cut == std::string::npos ? "" : key.substr(0, cut + wish.delimiter.size());
        const bool is_rolled_up = !common.empty();
        if (is_rolled_up && !page.prefixes.empty() && page.prefixes.back() == common) {
            last = key;
            continue;
        }
        // The page before ended within this common prefix.
        if (is_rolled_up && wish.after.starts_with(common)) continue;
        if (page.objects.size() + page.prefixes.size() >= wish.limit) {
            page.next = last;
            break;
        }
        if (is_rolled_up)
            page.prefixes.push_back(common);
        else
            page.objects.emplace_back(key, i->second);
        last = key;
    }
    return page;
}

std::string Vault::create_upload(const std::string& bucket, Upload upload) {
    const std::lock_guard lock(mutex_);
    upload.id =
        sha256_hex(bucket + "/" + upload.key + "/" + std::to_string(++numbers_)).substr(0, 40);
    const std::string id = upload.id;
    buckets_[bucket].uploads[id] = std::move(upload);
    return id;
}

std::optional<Refusal> Vault::put_part(const std::string& bucket, const std::string& id, int number,
                                       Part part) {
    const std::lock_guard lock(mutex_);
    auto& uploads = buckets_[bucket].uploads;
    const auto found = uploads.find(id);
    if (found == uploads.end()) return no_such_upload();
    found->second.parts[number] = std::move(part);
    return std::nullopt;
}

std::optional<Refusal> Vault::check_parts(const Upload& upload,
                                          const std::vector<CompletedPart>& parts) const {
    if (parts.empty()) return refuse(400, "MalformedXML", "the list of parts is empty");
    std::optional<std::uint64_t> first_size;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0 && parts[i].number <= parts[i - 1].number) {
            return refuse(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
        }
        const auto found = upload.parts.find(parts[i].number);
        if (found == upload.parts.end() || found->second.etag != parts[i].etag) {
            return refuse(400, "InvalidPart",
                          "One or more of the specified parts could not be found.");
        }
        for (const auto& [algorithm, value] : parts[i].checksums) {
            const auto known = found->second.checksums.find(algorithm);
            if (known != found->second.checksums.end() && known->second != value) {
                return refuse(400, "InvalidPart",
                              "the checksum of a part is not the one it was uploaded with");
            }
        }
        const std::uint64_t size = found->second.blob->size();
        const bool is_last = i + 1 == parts.size();
        if (!is_last && size < quirks_.part_size_min) {
            return refuse(400, "EntityTooSmall",
                          "Your proposed upload is smaller than the minimum allowed size");
        }
        if (quirks_.equal_parts && !is_last && first_size.value_or(size) != size) {
            return refuse(400, "InvalidPart", "All non-trailing parts must have the same length.");
        }
        if (!first_size) first_size = size;
    }
    return std::nullopt;
}

Object Vault::assemble(const Upload& upload, const std::vector<CompletedPart>& parts) {
    Object object;
    std::vector<BlobPtr> blobs;
    std::string etags;
    std::map<Algorithm, std::string> joined;
    for (const CompletedPart& wanted : parts) {
        const Part& part = upload.parts.at(wanted.number);
        blobs.push_back(part.blob);
        etags += from_hex(part.etag).value_or("");
        for (const auto& [algorithm, value] : part.checksums)
            joined[algorithm] += from_base64(value).value_or("");
    }
    object.etag = to_hex(digest_of(Algorithm::kMd5, etags)) + "-" + std::to_string(parts.size());
    if (upload.algorithm && joined.contains(*upload.algorithm)) {
        object.is_composite = true;
        object.checksums[*upload.algorithm] =
            to_base64(digest_of(*upload.algorithm, joined[*upload.algorithm])) + "-" +
            std::to_string(parts.size());
    }
    object.blob = join_blobs(std::move(blobs));
    object.metadata = upload.metadata;
    return object;
}

Outcome<Object> Vault::complete(const std::string& bucket, const std::string& key,
                                const std::string& id, const std::vector<CompletedPart>& parts,
                                const Condition& condition, WallTime now) {
    const std::lock_guard lock(mutex_);
    Bucket& home = buckets_[bucket];
    const auto found = home.uploads.find(id);
    if (found == home.uploads.end()) {
        const auto before = home.completed.find(id);
        if (before != home.completed.end() && !quirks_.forgets_completed)
            return {before->second, {}};
        return {std::nullopt, no_such_upload()};
    }
    if (found->second.key != key) return {std::nullopt, no_such_upload()};
    if (auto refused = check_parts(found->second, parts)) return {std::nullopt, *refused};
    if (auto refused = check_condition(home, key, condition, quirks_.conditional_complete)) {
        return {std::nullopt, *refused};
    }
    Object object = assemble(found->second, parts);
    object.modified = now;
    home.completed[id] = object;
    home.uploads.erase(found);
    store(home, bucket, key, object);
    return {object, {}};
}

std::optional<Refusal> Vault::abort(const std::string& bucket, const std::string& id) {
    const std::lock_guard lock(mutex_);
    if (buckets_[bucket].uploads.erase(id) == 0) return no_such_upload();
    return std::nullopt;
}

std::optional<Upload> Vault::upload(const std::string& bucket, const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto home = buckets_.find(bucket);
    if (home == buckets_.end()) return std::nullopt;
    const auto found = home->second.uploads.find(id);
    if (found == home->second.uploads.end()) return std::nullopt;
    return found->second;
}

std::vector<Upload> Vault::uploads(const std::string& bucket, const std::string& prefix) const {
    const std::lock_guard lock(mutex_);
    std::vector<Upload> out;
    const auto home = buckets_.find(bucket);
    if (home == buckets_.end()) return out;
    for (const auto& [id, upload] : home->second.uploads) {
        if (upload.key.starts_with(prefix)) out.push_back(upload);
    }
    std::sort(out.begin(), out.end(), [](const Upload& a, const Upload& b) {
        return std::tie(a.key, a.id) < std::tie(b.key, b.id);
    });
    return out;
}

}  // namespace herder::s3d
