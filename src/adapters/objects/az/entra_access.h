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
    // `account`: where the account is asked, as address_of() without a container has it.
    EntraAccess(Principal principal, http::Url account, std::string account_path, EntraWorld world)
        : principal_(std::move(principal)),
          account_(std::move(account)),
          account_path_(std::move(account_path)),
          world_(std::move(world)) {}

    // Keeps one until `ahead` before it ends. Waits for the network; thread-safe, as all here.
    Result<std::string> token(Duration ahead = minutes(5));
    // Both that are kept, where they end within `ahead`.
    Status renew(Duration ahead);
    // The kept one, without asking anybody; kUnavailable, with the last failure's reason, for none.
    Result<DelegationKey> key_at_hand() const;

  private:
    Result<remote::AccessToken> fetch_token() const;
    Result<DelegationKey> fetch_key(const std::string& token) const;
    Result<std::string> post(const http::Url& origin, const http::Request& request) const;

    const Principal principal_;
    const http::Url account_;
    const std::string account_path_;
    const EntraWorld world_;
    std::mutex fetching_;       // one asks, the others wait for its answer
    mutable std::mutex mutex_;  // guards all below
    std::optional<remote::AccessToken> token_;
    std::optional<DelegationKey> key_;
    std::string failure_;  // of the last try for a key; empty: none
};

// The answer of "Get User Delegation Key".
Result<DelegationKey> parse_delegation_key(const std::string& document);

}  // namespace herder::az
