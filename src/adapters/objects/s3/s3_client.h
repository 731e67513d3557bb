#pragma once
// One bucket over REST: signs, sends, repeats what may be repeated, follows the bucket to its
// region, corrects the clock, and says in words what to do about a refusal. Knows requests, not
// objects.
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/http/client.h"
#include "adapters/objects/remote/repeated_call.h"
#include "adapters/objects/s3/aws_signature.h"
#include "adapters/objects/s3/location.h"
#include "adapters/objects/s3/request_signer.h"
#include "ports/clock.h"

namespace herder::s3 {

// Asked before every request; it caches what it may.
using CredentialProvider = std::function<Result<Credentials>()>;

// How a bucket is reached; found out by asking it.
struct Route {
    std::string region;
    bool by_host = false;
    bool operator==(const Route&) const = default;
};

struct ClientSettings {
    Location location;
    std::optional<Route> route;  // as found out before: then open() asks nothing
    CredentialProvider credentials;
    // Asked before a URL is signed, and must not wait for anybody; empty: `credentials`.
    CredentialProvider credentials_at_hand;
    // Signs instead of Amazon's signatures with those; must outlive the client.
    RequestSigner* signer = nullptr;
    http::TlsTrust trust;
    std::function<void(Duration)> wait;  // between two tries
    int tries = 6;
    Duration timeout = seconds(60);             // of one try
    const http::CancelToken* cancel = nullptr;  // of all calls; outlives the client
};

struct S3Request {
    std::string method = "GET";
    std::string key;  // with the location's prefix; empty: the bucket itself
    Fields query;
    Fields headers;  // lower-case names; all are signed
    std::string body;
    std::string body_file;              // replaces `body`: too large for memory
    std::size_t body_limit = 16 << 20;  // of the answer
    // An error document may come with status 200, after minutes of blanks
    // (CompleteMultipartUpload).
    bool may_hide_error = false;
};

using S3Answer = remote::RemoteAnswer;
using S3Refusal = remote::RemoteRefusal;  // `code` is S3's own word
using S3Result = remote::RemoteResult;

class S3Client {
  public:
    // `world`: the clock that servers compare with, never scaled. Asks the bucket for its region
    // and how it wants to be addressed unless `route` says it; a bucket that has moved since is
    // followed to its region all the same.
    static Result<std::unique_ptr<S3Client>> open(ClientSettings settings, const Clock& world);

    // Thread-safe.
    S3Result call(const S3Request& request);
    Result<std::string> presign(const S3Request& request, Duration life);
    // The same for one of many requests that differ only in the value of this parameter, of letters
    // and digits, and in those of their headers. What they share is kept from the last one.
    Result<std::string> presign_alike(const S3Request& request, const std::string& parameter,
                                      Duration life);

    const Location& location() const { return settings_.location; }
    Route route() const;
    // How far the server's clock is ahead of ours, where it has complained.
    Duration clock_offset() const { return clock_.offset(); }
    // Now, as the server's own calendar has it; nothing before its first answer.
    std::optional<WallTime> told_now() const { return clock_.told_now(); }

  private:
    // A request with all that its signature needs.
    struct Ready {
        std::string region;
        http::Url origin;
        Signable signable;
    };

    // What presign_alike() made for requests of this kind.
    struct Alike {
        Credentials credentials;
        Route route;
        S3Request request;
        WallTime second;  // that it was signed in
        Duration life;
        std::string url_begin;
        std::string host;
        Signer::Series series;
    };

    S3Client(ClientSettings settings, const Clock& world);
    static bool are_alike(const S3Request& one, const S3Request& other,
                          const std::string& parameter);
    Result<std::shared_ptr<const Alike>> find_alike(const S3Request& request,
                                                    const std::string& parameter, Duration life);
    Signer signer(const Credentials& credentials, const std::string& region) const {
        return {credentials, region, "s3", &keys_};
    }
    const CredentialProvider& at_hand() const {
        return settings_.credentials_at_hand ? settings_.credentials_at_hand
                                             : settings_.credentials;
    }
    Status discover();
    void turn_addressing();
    void follow_region(const std::string& region);
    // Shared with calls in flight while the bucket moves to another host.
    Result<std::shared_ptr<http::Client>> connect(const http::Url& origin);
    Result<Ready> prepare(const S3Request& request) const;
    Status sign(Ready& ready) const;
    Result<http::Response> send_once(const S3Request& request, bool& maybe_sent);
    Result<http::Response> send_to_region(const S3Request& request, bool& maybe_sent);
    // What a refusal means; `again`: the same request may succeed now.
    std::optional<S3Refusal> judge(const S3Request& request, const http::Response& response,
                                   bool& again);
    WallTime now() const { return clock_.now(); }

    const ClientSettings settings_;
    const Clock& world_;
    mutable SigningKeys keys_;  // thread-safe
    remote::FollowedClock clock_;
    remote::RepeatedCall calls_;
    mutable std::mutex mutex_;  // guards all below
    Route route_;
    std::shared_ptr<http::Client> client_;  // shared, see connect()
    std::shared_ptr<const Alike> alike_;    // shared with those who sign with it
};

// "AccessDenied" and its like in words, with what to do. `doing`: "putting the object a/b".
Error explain(int status, const std::string& code, const std::string& message,
              const Location& location, const std::string& doing);

}  // namespace herder::s3
