#pragma once
// What a server wants of a store over the network beyond the port.
#include <cstdint>
#include <string>

#include "ports/object_store.h"

namespace herder::remote {

class RemoteStore : public ObjectStore {
  public:
    // Puts the file's content, whose CRC-32C is given, without holding it in memory.
    virtual Status put_file(const std::string& key, const std::string& file, std::uint32_t crc32c,
                            bool only_if_absent) = 0;
};

// The body of the object `key`; kInvalid where it is larger than expected.
Result<std::string> checked_size(const std::string& key, std::string body, std::size_t limit);

}  // namespace herder::remote
