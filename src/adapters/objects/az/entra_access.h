#pragma once
// An application of Microsoft Entra ID (a service principal) in place of the account's key: tokens
// for our own requests, and the user delegation key that signs URLs for others
// (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and
// learn.microsoft.com/rest/api/storageservices/get-user-delegation-key, November 2026).
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/http/message.h"
#include "adapters/http/url.h"
#include "adapters/objects/az/azure_credentials.h"
#include "adapters/objects/az/shared_key.h"
#include "adapters/objects/remote/access_token.h"

namespace herder::az {

struct EntraWorld {
    // One call; `origin` is the URL's, the request has the target.
    std::function<Result<http::Response>(const std::string& origin, const http::Request& request,
                                         Duration timeout)>
        fetch;
    std::function<WallTime()> now;
};

class EntraAccess {
  public:
    // For so long nobody is asked again after a failure.
    static constexpr Duration kRest = seconds(30);

    // `account`: where the account is asked, as address_of() without a container has it.
    EntraAccess(Principal principal, http::Url account, std::string account_path, EntraWorld world)
        : principal_(std::move(principal)),
          account_(std::move(account)),
          account_path_(std::move(account_path)),
          world_(std::move(world)) {}

    // Keeps one until `ahead` before it ends. Waits for the network, though not while another one
    // fetches and the old one still holds; thread-safe, as all here.
    Result<std::string> token(Duration ahead = minutes(5));
    // Both that are kept, where they end within `ahead`.
    Status renew(Duration ahead);
    // The key alone. Wants a token only where it fetches one.
    Status renew_key(Duration ahead);
    // The kept one, without asking anybody; kUnavailable, with the last failure's reason, for none.
    Result<DelegationKey> key_at_hand() const;

  private:
    struct Failure {
        Error error;
        WallTime at;
    };
    // What to answer without asking anybody, if so; both want mutex_ held.
    std::optional<Result<std::string>> known_token(Duration ahead) const;
    std::optional<Status> known_key(Duration ahead) const;
    bool is_resting(const std::optional<Failure>& failure) const;
    Result<std::string> ask_token();
    Status ask_key(Duration ahead);
    Result<remote::AccessToken> fetch_token() const;
    Result<DelegationKey> fetch_key(const std::string& token) const;
    Result<std::string> post(const http::Url& origin, const http::Request& request) const;

    const Principal principal_;
    const http::Url account_;
    const std::string account_path_;
    const EntraWorld world_;
    // One asks. The others go on with what still holds, else wait for its answer.
    std::mutex fetching_token_;
    std::mutex fetching_key_;   // taken before fetching_token_
    mutable std::mutex mutex_;  // guards all below
    std::optional<remote::AccessToken> token_;
    std::optional<DelegationKey> key_;
    // Of the last try; nothing: it went well.
    std::optional<Failure> token_failure_;
    std::optional<Failure> key_failure_;
};

// The answer of "Get User Delegation Key".
Result<DelegationKey> parse_delegation_key(const std::string& document);

}  // namespace herder::az
