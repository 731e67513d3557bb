#pragma once
// The artifact store as a folder on a local disk. Objects appear whole or not at all, and stay over
// a power loss once put. Signed URLs lead to our own server, which uses the second half of this
// class. Thread-safe. A key and a key below it ("a" and "a/b") cannot both exist.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/objects/file/url_signer.h"
#include "ports/object_store.h"

struct stat;

namespace herder {

struct FileStoreOptions {
    std::string folder;                     // made if absent, for its owner alone
    std::string secret;                     // of the signed URLs, 32 bytes
    std::function<std::string()> base_url;  // "https://10.0.0.5:8470", asked at every signing
    Bytes quota;                            // of all objects together; 0: what the disk holds
};

class FileObjectStore : public ObjectStore {
  public:
    static Result<std::unique_ptr<FileObjectStore>> open(FileStoreOptions options);
    ~FileObjectStore() override;
    FileObjectStore(const FileObjectStore&) = delete;
    FileObjectStore& operator=(const FileObjectStore&) = delete;

    Status put(const std::string& key, const std::string& data, bool only_if_absent) override;
    Result<std::string> get(const std::string& key, std::size_t limit) override;
    Result<ObjectInfo> head(const std::string& key) override;
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override;
    Status remove(const std::string& key) override;
    Result<std::string> sign(UrlVerb verb, const std::string& key, WallTime expires) override;

    // For the server that answers signed URLs; see UrlSigner::verify.
    const UrlSigner& signer() const { return signer_; }
    // Where uploads are written before `adopt` takes them. Leftovers go at the next start.
    const std::string& spool_folder() const { return spool_; }
    // Makes a finished upload from the spool folder the object `key`, moving the file. With
    // `only_if_absent`, an object of the same size and checksum counts as the same upload repeated;
    // any other is kConflict. On an error the file is removed as well. `crc32c` is of the content.
    Status adopt(const std::string& key, const std::string& file, std::uint32_t crc32c,
                 bool only_if_absent);
    // The file to answer a GET from. kNotFound if there is none.
    Result<std::string> file_of(const std::string& key);
    Bytes used() const;

  private:
    // A file is known by what changes whenever its content does.
    struct Stamp {
        std::uint64_t inode = 0;
        std::int64_t size = 0;
        std::int64_t modified_ns = 0;
        auto operator<=>(const Stamp&) const = default;
    };
    struct Opened {
        int file = -1;
        Stamp stamp;
    };

    FileObjectStore(FileStoreOptions options, int root);
    static Stamp stamp_of(const struct stat& info);
    Result<int> open_parent(const std::vector<std::string>& parts, bool make) const;
    Result<Opened> open_object(const std::string& key) const;
    Result<std::string> make_temporary(const std::string& data);
    Status publish(const std::string& key, const std::string& file, bool only_if_absent);
    Status place(const std::string& key, const std::string& file, bool only_if_absent,
                 std::int64_t size);
    void prune(std::vector<std::string> parts) const;
    void remember(const Stamp& stamp, std::uint32_t crc32c);

    const FileStoreOptions options_;
    const UrlSigner signer_;
    const std::string objects_;
    const std::string spool_;
    const int root_;  // descriptor of objects_

    mutable std::mutex mutex_;  // guards names in the folder and all below
    std::int64_t used_ = 0;
    std::uint64_t temporaries_ = 0;
    std::map<Stamp, std::uint32_t> checksums_;  // a cache: they are computed again when missing
};

}  // namespace herder
