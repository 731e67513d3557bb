#pragma once
// Sends the parts of one file, several at once, and asks for further URLs as they are needed. More
// at once while all goes well, half as many when the store says that it is too much. Knows no
// protocol: what to do is handed in.
#include <functional>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "protocol/parts_json.h"

namespace herder {

class PartUploader {
  public:
    struct Hooks {
        std::function<Result<protocol::PartsResponse>(int from)> ask;
        std::function<Status(const protocol::PartUrl&)> put;  // several threads at once
        std::function<bool(Duration)> wait;                   // false: give up, the agent ends
    };

    explicit PartUploader(Hooks hooks) : hooks_(std::move(hooks)) {}

    // Until all parts are there, or one fails for good. Blocks.
    Status run();
    // How many parts went at once at last.
    int width() const { return width_; }

  private:
    struct Batch;
    // What became of the parts of one answer; `forbidden` says that a URL was too old.
    Status send(std::vector<protocol::PartUrl> parts, bool& forbidden);
    void work(Batch& batch);
    Status send_part(const protocol::PartUrl& part, Batch& batch);

    const Hooks hooks_;
    int width_ = 4;
};

}  // namespace herder
