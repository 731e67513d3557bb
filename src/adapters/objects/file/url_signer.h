#pragma once
// Signed URLs of the file store: they let an agent put or get one object at our own server until
// they expire. The signature covers verb, key and expiry; nothing else is needed to check it.
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "ports/entropy.h"
#include "ports/object_store.h"

namespace herder {

// The path under which the server answers signed URLs; the key follows.
constexpr const char* kObjectsPath = "/objects/";

class UrlSigner {
  public:
    // `secret`: at least 32 bytes that never leave this host.
    explicit UrlSigner(std::string secret);

    // "/objects/<key>?verb=put&expires=<unix seconds>&signature=<base64url>". Expiry is rounded up
    // to a second.
    std::string sign(UrlVerb verb, const std::string& key, WallTime expires) const;

    // `expires` and `signature` are the query's values. kForbidden, without saying which part was
    // wrong, unless all fits and `now` is before the expiry.
    Status verify(UrlVerb verb, const std::string& key, const std::string& expires,
                  const std::string& signature, WallTime now) const;

  private:
    std::string signature_of(UrlVerb verb, const std::string& key,
                             const std::string& expires) const;
    const std::string secret_;
};

// Reads the 32 secret bytes at `path`; the first time it makes them, readable by their owner alone.
Result<std::string> load_or_make_secret(const std::string& path, Entropy& entropy);

}  // namespace herder
