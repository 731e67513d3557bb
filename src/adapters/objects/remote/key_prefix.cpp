#include "adapters/objects/remote/key_prefix.h"

#include "ports/object_key.h"

namespace herder::remote {

Result<std::string> prefix_of(const BucketAddress& address) {
    std::string prefix = address.key;
    while (prefix.ends_with('/'))
        prefix.pop_back();
    if (prefix.empty()) return prefix;
    if (const std::size_t mark = prefix.find('?'); mark != prefix.npos) {
        return invalid("the storage '" + to_text(address) + "' has '" + prefix.substr(mark + 1) +
                       "', which nothing knows; after '?' stand endpoint, region or addressing");
    }
    if (check_object_key(prefix)) return prefix + "/";
    return invalid("the storage '" + to_text(address) +
                   "' has a prefix with other characters than A-Z a-z 0-9 . _ - /; name another");
}

BucketAddress with_prefix(BucketAddress address, const std::string& prefix) {
    address.key = prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1);
    return address;
}

}  // namespace herder::remote
