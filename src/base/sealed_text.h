#pragma once
// Authenticated encryption of small texts: AES-256-GCM. Pure; keys and nonces are the caller's.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder {

constexpr std::size_t kSealKeySize = 32;
constexpr std::size_t kSealNonceSize = 12;

// nonce, ciphertext and tag in one. Never the same nonce twice with one key. `bound_to` is not
// inside, but opening needs the same: a sealed text cannot be passed off as another's.
Result<std::string> seal_text(std::string_view key, std::string_view nonce, std::string_view text,
                              std::string_view bound_to);
// kCorrupt where key, text or `bound_to` is not what it was sealed with.
Result<std::string> open_text(std::string_view key, std::string_view sealed,
                              std::string_view bound_to);

// Overwrites the bytes before they are given back, in a way that no compiler leaves out.
void wipe(std::string& text);

}  // namespace herder
