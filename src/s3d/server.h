#pragma once
// s3d: a server that speaks S3 well enough to keep clients honest. It verifies every signature,
// forces short pages, can be slow, differs from AWS where stores in the field do, and goes wrong
// where the script says so. For tests and benchmarks only: a thread a connection, no limits.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/certificate.h"
#include "s3d/fault.h"
#include "s3d/signature.h"
#include "s3d/vault.h"
#include "s3d/wire.h"

namespace herder::s3d {

struct ServerOptions {
    std::uint16_t port = 0;  // of 127.0.0.1; 0: any free one
    std::vector<std::string> buckets;
    Keys keys;  // empty: nobody has to sign
    std::string region = "us-east-1";
    std::string domain;  // buckets may also stand before it in the host name
    Keeping keeping = Keeping::kMemory;
    std::string folder;  // with kFolder
    std::size_t page_size = 1000;
    Quirks quirks;
    Shape shape;
    Duration skew;  // of its clock
    std::vector<FaultRule> faults;
    std::optional<http::Certificate> tls;
};

// One request that was answered, or broken on purpose.
struct Record {
    std::string operation;
    std::string bucket;
    std::string key;
    std::string access_key;
    bool is_presigned = false;
    int status = 0;  // 0: no answer was sent
    std::string error_code;
    std::string fault;            // the word of the rule of the fault script that fired
    std::uint64_t body_size = 0;  // Content-Length of the request
    std::string part;             // number and upload of an UploadPart, as they came
    std::string upload;
    Instant began;  // of the server's clock, when the head had been read
    Instant at;     // of the same, when the answer was ready
};

class Server {
  public:
    static Result<std::unique_ptr<Server>> start(ServerOptions options);
    ~Server();  // stop()
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string url() const;  // "http://127.0.0.1:41234"
    std::uint16_t port() const;
    void set_faults(std::vector<FaultRule> rules);
    void set_skew(Duration skew);
    Vault& vault();
    // All since the start, in order of their answers.
    std::vector<Record> records() const;
    // Called for each record, on the connection's thread. Set it before the first request.
    void on_record(std::function<void(const Record&)> fn);
    void stop();

  private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace herder::s3d
