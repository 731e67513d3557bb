#pragma once
// What the agent's transfers are measured against: a few blocking connections that send or fetch
// parts in a loop, with nothing around it: no protocol with a server, no retries, no checksums on
// the way up. Shares no code with the product.
#include <cstdint>
#include <string>
#include <vector>

namespace herder::bench {

struct RawPart {
    std::string target;  // path and query of a signed URL
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

struct RawPlace {
    std::uint16_t port = 0;  // of 127.0.0.1
    bool is_tls = false;
    int connections = 4;
};

// Seconds. Ends the program when anything fails: a benchmark has no use for half a result.
double raw_upload(const RawPlace& place, const std::string& file,
                  const std::vector<RawPart>& parts);
// Into `file`, each range verified by its CRC-32C while it comes. `direct`: past the page cache.
double raw_download(const RawPlace& place, const std::string& file, bool direct,
                    const std::vector<RawPart>& parts);

}  // namespace herder::bench
