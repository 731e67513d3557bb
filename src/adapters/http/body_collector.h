#pragma once
// Takes in the body of one request, in memory or in a file of the spool folder. Private to this
// folder.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/message.h"

namespace herder::http {

class BodyCollector {
  public:
    BodyCollector() = default;
    ~BodyCollector() { discard(); }
    BodyCollector(const BodyCollector&) = delete;
    BodyCollector& operator=(const BodyCollector&) = delete;

    // Forgets the previous body; a file that was not handed over is removed.
    void start_in_memory(std::uint64_t limit);
    // A status to answer with when the file cannot be made, else 0.
    int start_in_file(const std::string& folder, std::uint64_t limit);

    // Returns false once the body is refused; failure() then has the status to answer with. The
    // write to the file goes to the page cache and is done on the server's thread.
    bool add(std::string_view piece);
    int failure() const { return failure_; }
    // Fills in the body fields of `request`; the file belongs to the caller from then on.
    void hand_over(Request& request);

  private:
    void discard();

    std::string memory_;
    std::string file_path_;
    int descriptor_ = -1;
    std::uint64_t limit_ = 0;
    std::uint64_t size_ = 0;
    std::uint32_t crc32c_ = 0;
    int failure_ = 0;
};

}  // namespace herder::http
