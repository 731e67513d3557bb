#pragma once
// The operations of S3 on a vault. A request that was verified comes in, an answer goes out;
// sockets, signatures and faults are the server's.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "s3d/body_source.h"
#include "s3d/clock.h"
#include "s3d/request.h"
#include "s3d/signature.h"
#include "s3d/vault.h"

namespace herder::s3d {

struct Call {
    const Request& request;
    const Verified& verified;
    BodySource& body;
    std::string bucket;
    std::string key;
    std::string operation;  // "PutObject"
};

// Where the bucket stands: first in the path, or before `domain` in the host.
void locate(const Request& request, const std::string& domain, std::string& bucket,
            std::string& key);
// S3's name of the operation; empty for what this server does not know.
std::string operation_of(const Request& request, const std::string& bucket, const std::string& key);

Reply error_reply(int status, const std::string& code, const std::string& message);
Reply error_reply(const Refusal& refusal);
Reply xml_reply(std::string document);

class Api {
  public:
    struct Options {
        std::size_t page_size = 1000;  // of every listing
        std::string region = "us-east-1";
        bool keeps_bytes = true;  // false: ETags are not hashes, so that nothing must be computed
    };
    Api(Vault& vault, const ServerClock& clock, Options options);

    // An error means that the connection broke within the body.
    Result<Reply> handle(Call& call);

  private:
    struct Received {
        BlobPtr blob;
        std::string etag;
        Checksums checksums;
    };
    // The body, checked against all that the request says about it; or the answer that refuses it.
    Result<Outcome<Received>> receive(Call& call);
    Result<Reply> put_object(Call& call);
    Result<Reply> upload_part(Call& call);
    Result<Reply> complete_upload(Call& call);
    Result<Reply> delete_objects(Call& call);
    Result<Reply> put_configuration(Call& call);
    Reply get_object(const Call& call) const;
    Reply delete_object(const Call& call);
    Reply create_upload(const Call& call);
    Reply abort_upload(const Call& call);
    Reply list_objects(const Call& call);
    Reply list_parts(const Call& call) const;
    Reply list_uploads(const Call& call) const;
    Reply list_buckets() const;
    Reply bucket_reply(const Call& call);
    Result<std::string> read_document(Call& call) const;
    std::size_t page_limit(const Call& call, const char* parameter) const;

    Vault& vault_;
    const ServerClock& clock_;
    const Options options_;
    std::mutex mutex_;
    std::map<std::string, std::string> configurations_;  // guarded by mutex_; "bucket?lifecycle"
    std::uint64_t etags_ = 0;                            // guarded by mutex_
};

Condition condition_of(const Request& request);
std::map<std::string, std::string> metadata_of(const Request& request);

}  // namespace herder::s3d
