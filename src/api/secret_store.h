#pragma once
// Secrets that jobs name and never contain. Values are sealed one by one in secrets.json of the
// data folder; the key that opens them is in secrets.key beside it, so that a copy of the database
// or of either file alone tells nothing.
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace herder::api {

constexpr std::size_t kSecretSizeMax = std::size_t{64} << 10;
// Shorter ones would black out half of every log, and no real secret is as short.
constexpr std::size_t kSecretSizeMin = 6;
constexpr std::size_t kSecretsMax = 1000;

struct SecretInfo {
    std::string name;
    WallTime updated;
};

// Thread-safe. set, remove and rotate_key wait for the disk, nothing else does.
class SecretStore {
  public:
    struct Options {
        std::string folder;
        std::function<std::string(std::size_t size)> random_bytes;
    };
    // Reads the files. Where they cannot be read every call says why, and a new start is needed.
    explicit SecretStore(Options options);

    // kInvalid for a name that cannot be a variable's, and for a value of a wrong size, with NUL
    // bytes or that is no UTF-8 text.
    Status set(const std::string& name, const std::string& value, WallTime now);
    Result<std::string> get(const std::string& name) const;
    bool has(const std::string& name) const;
    Status remove(const std::string& name);
    Result<std::vector<SecretInfo>> list() const;
    // Makes a new key and seals every value with it; the number of values.
    Result<std::size_t> rotate_key();

  private:
    struct Sealed {
        std::string text;  // raw bytes
        WallTime updated;
    };
    using All = std::map<std::string, Sealed>;

    Status load();
    Status load_key();
    // To the disk, then for all to see.
    Status replace(All all);
    Status replace_keys(std::vector<std::string> keys);
    Result<std::string> open_with_any_key(const std::string& name, const Sealed& sealed) const;
    Result<Sealed> seal(const std::string& name, const std::string& value, WallTime now) const;

    const Options options_;
    Status loaded_ = ok();  // set once
    std::mutex writing_;    // held by the one that changes something
    // Guards all below; writers alone may read without it, under writing_.
    mutable std::mutex mutex_;
    std::vector<std::string> keys_;  // the newest first; a second one while a rotation is under way
    All all_;
};

bool is_secret_name(const std::string& name);

}  // namespace herder::api
