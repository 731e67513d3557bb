#pragma once
// The market as an HTTP server: real time (scaled) drives the world, its commands drive the
// containers, requests reach the API and the admin interface. One thread of its own does all that
// takes time; handlers only touch memory.
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "vastsim/container_runner.h"
#include "vastsim/scenario.h"

namespace herder::vastsim {

struct MarketServerOptions {
    std::string listen_address = "127.0.0.1:0";
    Scenario scenario;
    std::uint64_t seed = 1;
    std::int64_t time_scale_milli = 1000;  // market time per real time, in thousandths
    std::string api_key = "demo";
    std::string admin_token;  // empty: the admin interface asks for none
};

class MarketServer {
  public:
    static Result<std::unique_ptr<MarketServer>> start(MarketServerOptions options,
                                                       std::unique_ptr<ContainerRunner> runner);
    ~MarketServer();  // stop()
    MarketServer(const MarketServer&) = delete;
    MarketServer& operator=(const MarketServer&) = delete;

    std::string url() const;  // "http://127.0.0.1:43210"
    // Ends the server, then kills every container.
    void stop();

  private:
    struct Impl;
    explicit MarketServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace herder::vastsim
