#pragma once
// One storage account over REST: signs, sends, repeats what may be repeated, corrects the clock,
// and says in words what to do about a refusal. Knows requests, not objects.
#include <functional>
#include <memory>
#include <string>

#include "adapters/http/client.h"
#include "adapters/objects/az/azure_credentials.h"
#include "adapters/objects/az/azure_location.h"
#include "adapters/objects/az/entra_access.h"
#include "adapters/objects/az/shared_key.h"
#include "adapters/objects/remote/repeated_call.h"
#include "ports/clock.h"

namespace herder::az {

struct ClientSettings {
    Location location;
    Credentials credentials;
    // Gives tokens and signs where the credentials are an application; must outlive the client.
    EntraAccess* entra = nullptr;
    http::TlsTrust trust;
    std::function<void(Duration)> wait;  // between two tries
    int tries = 6;
    Duration timeout = seconds(60);             // of one try
    const http::CancelToken* cancel = nullptr;  // of all calls; outlives the client
};

struct AzureRequest {
    std::string method = "GET";
    std::string container;  // empty: the account itself
    std::string blob;       // with the location's prefix; empty: the container itself
    Fields query;
    Fields headers;  // lower-case names
    std::string body;
    std::string body_file;              // replaces `body`: too large for memory
    std::size_t body_limit = 16 << 20;  // of the answer
};

class AzureClient {
  public:
    // `world`: the clock that servers compare with, never scaled. Asks nothing yet.
    static Result<std::unique_ptr<AzureClient>> open(ClientSettings settings, const Clock& world);

    // Thread-safe, as all here.
    remote::RemoteResult call(const AzureRequest& request);
    // Whether the container is there and may be listed.
    Status check();
    // A URL that lets its holder do with one blob what `permissions` say ("r", "cw"), for at most
    // kSasLifeMax. Asks nobody: kInvalid where there is no key to sign with, kUnavailable where an
    // application's is not there yet.
    Result<std::string> sign(const std::string& container, const std::string& blob,
                             const std::string& permissions, Duration life) const;

    const Location& location() const { return settings_.location; }
    Duration clock_offset() const { return clock_.offset(); }
    // Now, as the server's own calendar has it; nothing before its first answer.
    std::optional<WallTime> told_now() const { return clock_.told_now(); }

  private:
    AzureClient(ClientSettings settings, const Clock& world)
        : settings_(std::move(settings)),
          clock_(world),
          calls_(world, settings_.tries, settings_.wait) {}
    Result<http::Response> send_once(const AzureRequest& request, bool& maybe_sent);
    std::optional<remote::RemoteRefusal> judge(const AzureRequest& request,
                                               const http::Response& response, bool& again);

    const ClientSettings settings_;
    remote::FollowedClock clock_;
    remote::RepeatedCall calls_;
    std::unique_ptr<http::Client> client_;
};

// "AuthenticationFailed" and its like in words, with what to do.
Error explain(int status, const std::string& code, const Location& location,
              const std::string& doing);

}  // namespace herder::az
