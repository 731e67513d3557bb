#include "adapters/objects/remote/remote_store.h"

namespace herder::remote {

Result<std::string> checked_size(const std::string& key, std::string body, std::size_t limit) {
    if (body.size() <= limit) return body;
    return invalid("reading the object " + key + ": it has " + std::to_string(body.size()) +
                   " bytes, more than the " + std::to_string(limit) + " expected");
}

}  // namespace herder::remote
