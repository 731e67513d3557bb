#pragma once
// As much of an orchestrator as the agent's transfers speak to: it lets the agent join and hands
// out URLs for parts, with the product's own desk and signatures.
#include <memory>
#include <mutex>
#include <string>

#include "adapters/http/server.h"
#include "adapters/objects/s3/s3_object_store.h"
#include "adapters/system/system_clock.h"
#include "api/part_desk.h"

namespace herder::bench {

inline constexpr char kKeyId[] = "bench";
inline constexpr char kSecret[] = "bench-secret";
inline constexpr char kBucket[] = "bench";

class PretendServer {
  public:
    // `store`: origin of an s3d that knows the key above.
    explicit PretendServer(const std::string& store);
    ~PretendServer();

    std::string url() const { return server_->url(); }
    ObjectStore& objects() { return *objects_; }
    // The object that parts are asked for from now on.
    void expect(const std::string& key, Bytes size);
    protocol::PartRules rules() const;
    WallTime soon() const { return clock_.wall() + hours(1); }

  private:
    http::Response answer(const http::Request& request);

    SystemClock clock_;
    std::unique_ptr<s3::S3ObjectStore> objects_;
    std::mutex mutex_;  // guards all below
    std::unique_ptr<api::PartDesk> desk_;
    api::PartDesk::Object object_;
    std::unique_ptr<http::Server> server_;  // last: its threads use the rest
};

}  // namespace herder::bench
