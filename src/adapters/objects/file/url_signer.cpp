#include "adapters/objects/file/url_signer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace herder {

namespace {

constexpr std::size_t kSecretSize = 32;
constexpr std::int64_t kSecond = 1'000'000;

const char* word_of(UrlVerb verb) {
    switch (verb) {
        case UrlVerb::kGet:
            return "get";
        case UrlVerb::kPut:
            return "put";
    }
    return "";
}

Error system_error(const std::string& what) {
    return unavailable(what + ": " + std::strerror(errno));
}

Result<std::string> read_secret(const std::string& path, int file) {
    std::array<char, kSecretSize + 1> bytes{};
    const ssize_t size = ::read(file, bytes.data(), bytes.size());
    ::close(file);
    if (size == static_cast<ssize_t>(kSecretSize)) return std::string(bytes.data(), kSecretSize);
    return Error{ErrorCode::kCorrupt, "the key file " + path +
                                          " does not hold 32 bytes; remove it to make a new key "
                                          "(running agents then need new URLs)"};
}

Status write_secret(const std::string& path, const std::string& secret) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return system_error("creating the key file " + path);
    const bool written =
        ::write(file, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size()) &&
        ::fsync(file) == 0;
    const Error failed = system_error("writing the key file " + path);
    ::close(file);
    if (written) return ok();
    ::unlink(path.c_str());
    return failed;
}

}  // namespace

UrlSigner::UrlSigner(std::string secret) : secret_(std::move(secret)) {
    HERDER_ASSERT(secret_.size() >= kSecretSize);
}

// The key has no line break (its alphabet is checked), so the parts cannot run into each other.
std::string UrlSigner::signature_of(UrlVerb verb, const std::string& key,
                                    const std::string& expires) const {
    const std::string text =
        std::string("herder-url-1\n") + word_of(verb) + "\n" + expires + "\n" + key;
    return to_base64url(hmac_sha256(secret_, text));
}

std::string UrlSigner::sign(UrlVerb verb, const std::string& key, WallTime expires) const {
    const std::string until = std::to_string((expires.us + kSecond - 1) / kSecond);
    return kObjectsPath + key + "?verb=" + word_of(verb) + "&expires=" + until +
           "&signature=" + signature_of(verb, key, until);
}

Status UrlSigner::verify(UrlVerb verb, const std::string& key, const std::string& expires,
                         const std::string& signature, WallTime now) const {
    std::int64_t until = 0;
    const char* end = expires.data() + expires.size();
    const auto parsed = std::from_chars(expires.data(), end, until);
    const bool is_number = parsed.ec == std::errc{} && parsed.ptr == end;
    const bool is_signed = equal_secret(signature_of(verb, key, expires), signature);
    if (is_signed && is_number && now.us / kSecond < until) return ok();
    return Error{ErrorCode::kForbidden,
                 "the signed URL is wrong or has expired; ask the orchestrator for a new one"};
}

Result<std::string> load_or_make_secret(const std::string& path, Entropy& entropy) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file >= 0) return read_secret(path, file);
    if (errno != ENOENT) return system_error("opening the key file " + path);
    std::string secret;
    while (secret.size() < kSecretSize) {
        const std::uint64_t draw = entropy.draw();
        secret.append(reinterpret_cast<const char*>(&draw), sizeof draw);
    }
    if (auto written = write_secret(path, secret); !written) return written.error();
    return secret;
}

}  // namespace herder
