#pragma once
// Keys of documents that are stored under their SHA-256: PREFIX<sha256>SUFFIX.
#include <string>
#include <string_view>

namespace herder::protocol {

// The hash in such a key; empty for any other key.
std::string hash_in_key(const std::string& key, std::string_view prefix, std::string_view suffix);

}  // namespace herder::protocol
