#pragma once
// Host names to addresses, with a deadline, although getaddrinfo() has none. Private to this
// folder.
#include <sys/socket.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/wait.h"
#include "base/result.h"

namespace herder::http {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

class Resolver {
  public:
    Resolver() = default;
    // Waits for a lookup in progress: libc's own limit, about 10 s, when no name server answers.
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // Literal addresses and "localhost" are answered at once, others by a thread of our own.
    Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port,
                                         const Wait& wait);

  private:
    struct Lookup;
    void run();

    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    // Shared by the waiting call and the thread: the call may give up first.
    std::deque<std::shared_ptr<Lookup>> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace herder::http
