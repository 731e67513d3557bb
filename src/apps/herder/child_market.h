#pragma once
// The demo market as a child process: it ends with us, whatever happens to us.
#include <sys/types.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace herder {

class ChildMarket {
  public:
    // Starts `herder vastsim` on a free port; returns once it serves.
    static Result<std::unique_ptr<ChildMarket>> start(const std::string& data_dir,
                                                      std::uint64_t seed,
                                                      const std::string& time_scale);
    ~ChildMarket();
    ChildMarket(const ChildMarket&) = delete;
    ChildMarket& operator=(const ChildMarket&) = delete;
    const std::string& url() const { return url_; }

  private:
    ChildMarket(pid_t pid, std::string url) : pid_(pid), url_(std::move(url)) {}
    pid_t pid_;
    std::string url_;
};

}  // namespace herder
