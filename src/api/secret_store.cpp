#include "api/secret_store.h"

#include <algorithm>

#include "base/sealed_text.h"
#include "base/utf8.h"

namespace herder::api {

namespace {

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

Status check_value(const std::string& name, const std::string& value) {
    const std::string what = "the value of the secret '" + name + "' ";
    if (value.size() < kSecretSizeMin) {
        return invalid(what + "has fewer than " + std::to_string(kSecretSizeMin) +
                       " characters: it could not be kept out of logs without blacking out much "
                       "else; what is that short goes into env");
    }
    if (value.size() > kSecretSizeMax) {
        return invalid(what + "is larger than 64 KiB; encrypt the file and keep its key as secret");
    }
    if (value.find('\0') != value.npos || !is_utf8(value)) {
        return invalid(what + "is no UTF-8 text; store it in base64");
    }
    return ok();
}

Error no_such(const std::string& name) {
    return not_found("there is no secret '" + name + "'; store it with: herder secrets set " +
                     name);
}

}  // namespace

bool is_secret_name(const std::string& name) {
    return !name.empty() && name.size() <= 128 && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

SecretStore::SecretStore(Options options) : options_(std::move(options)) {
    loaded_ = load();
}

Result<SecretStore::Sealed> SecretStore::seal(const std::string& name, const std::string& value,
                                              WallTime now) const {
    const std::string nonce = options_.random_bytes(kSealNonceSize);
    Result<std::string> text = seal_text(keys_.front(), nonce, value, "secret/" + name);
    if (!text) return text.error();
    return Sealed{std::move(*text), now};
}

Result<std::string> SecretStore::open_with_any_key(const std::string& name,
                                                   const Sealed& sealed) const {
    Error why = internal("the secrets have no key");
    for (const std::string& key : keys_) {
        Result<std::string> value = open_text(key, sealed.text, "secret/" + name);
        if (value) return value;
        why = value.error().with_context("the secret '" + name + "'");
    }
    return why;
}

Status SecretStore::set(const std::string& name, const std::string& value, WallTime now) {
    if (!is_secret_name(name)) {
        return invalid("'" + name +
                       "' cannot name a secret; use letters, digits and '_', not a digit first, "
                       "at most 128, such as HF_TOKEN");
    }
    if (const Status good = check_value(name, value); !good) return good;
    const std::lock_guard writing(writing_);
    if (!loaded_) return loaded_;
    if (!all_.contains(name) && all_.size() >= kSecretsMax) {
        return invalid("there are " + std::to_string(kSecretsMax) +
                       " secrets already; remove some with: herder secrets rm NAME");
    }
    if (keys_.empty()) {
        const Status kept = replace_keys({options_.random_bytes(kSealKeySize)});
        if (!kept) return kept;
    }
    Result<Sealed> sealed = seal(name, value, now);
    if (!sealed) return sealed.error();
    All more = all_;
    more[name] = std::move(*sealed);
    return replace(std::move(more));
}

Result<std::string> SecretStore::get(const std::string& name) const {
    if (!loaded_) return loaded_.error();
    const std::lock_guard lock(mutex_);
    const auto found = all_.find(name);
    if (found == all_.end()) return no_such(name);
    return open_with_any_key(name, found->second);
}

bool SecretStore::has(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return all_.contains(name);
}

Status SecretStore::remove(const std::string& name) {
    const std::lock_guard writing(writing_);
    if (!loaded_) return loaded_;
    All fewer = all_;
    if (fewer.erase(name) == 0) return no_such(name);
    return replace(std::move(fewer));
}

Result<std::vector<SecretInfo>> SecretStore::list() const {
    if (!loaded_) return loaded_.error();
    const std::lock_guard lock(mutex_);
    std::vector<SecretInfo> infos;
    for (const auto& [name, sealed] : all_)
        infos.push_back({name, sealed.updated});
    return infos;
}

// Whatever moment the process ends at, every value opens with a key of the file: first both keys
// are on the disk, then the values under the new one, then the old key goes.
Result<std::size_t> SecretStore::rotate_key() {
    const std::lock_guard writing(writing_);
    if (!loaded_) return loaded_.error();
    std::vector<std::string> both = keys_;
    both.insert(both.begin(), options_.random_bytes(kSealKeySize));
    if (const Status kept = replace_keys(std::move(both)); !kept) return kept.error();
    All renewed;
    for (const auto& [name, sealed] : all_) {
        Result<std::string> value = open_with_any_key(name, sealed);
        if (!value) return value.error();
        Result<Sealed> again = seal(name, *value, sealed.updated);
        wipe(*value);
        if (!again) return again.error();
        renewed[name] = std::move(*again);
    }
    if (const Status saved = replace(std::move(renewed)); !saved) return saved.error();
    if (const Status kept = replace_keys({keys_.front()}); !kept) return kept.error();
    return all_.size();
}

}  // namespace herder::api
