#include "protocol/hashed_key.h"

#include "protocol/tree_json.h"

namespace herder::protocol {

std::string hash_in_key(const std::string& key, std::string_view prefix, std::string_view suffix) {
    const std::size_t around = prefix.size() + suffix.size();
    if (key.size() < around || !key.starts_with(prefix) || !key.ends_with(suffix)) return {};
    std::string hash = key.substr(prefix.size(), key.size() - around);
    return is_sha256(hash) ? hash : std::string();
}

}  // namespace herder::protocol
