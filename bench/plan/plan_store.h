#pragma once
// As much of a bucket as one large upload asks for: it creates it, lists so many parts of it as it
// was told, completes it. A process of its own, so that what it costs counts for nobody else.
#include <string>

#include "base/bytes.h"

namespace herder::bench {

class PlanStore {
  public:
    // Before the first thread. Parts of `part_size` each.
    explicit PlanStore(Bytes part_size);
    ~PlanStore();
    PlanStore(const PlanStore&) = delete;
    PlanStore& operator=(const PlanStore&) = delete;

    const std::string& url() const { return url_; }
    // From now on it holds the first `count` parts.
    void hold(int count) const;

  private:
    int process_ = -1;
    int orders_ = -1;   // a pipe to it
    int answers_ = -1;  // and one from it
    std::string url_;
};

}  // namespace herder::bench
