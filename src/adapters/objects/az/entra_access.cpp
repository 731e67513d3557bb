#include "adapters/objects/az/entra_access.h"

#include <algorithm>

#include "adapters/objects/remote/base64_text.h"
#include "adapters/objects/remote/safe_address.h"
#include "adapters/objects/remote/xml_tree.h"
#include "base/rfc3339.h"

namespace herder::az {

namespace {

constexpr Duration kTimeout = seconds(20);
constexpr const char* kScope = "https://storage.azure.com/.default";
// A key lives seven days at most. One is fetched each day, so that URLs can live for days.
constexpr Duration kKeyLife = days(7);
constexpr Duration kKeyAhead = days(6);
// Clocks differ.
constexpr Duration kBefore = minutes(15);

}  // namespace

Result<std::string> EntraAccess::post(const http::Url& origin, const http::Request& request) const {
    if (!remote::keeps_secrets(origin)) {
        return invalid("'" + origin.origin() +
                       "' is no https URL; the credentials would travel in the clear");
    }
    const auto answer = world_.fetch(origin.origin(), request, kTimeout);
    if (!answer) return answer.error();
    if (answer->is_success()) return answer->body;
    // The error documents of both hold no secret.
    const std::string said = origin.host + " answered " + std::to_string(answer->status) + " " +
                             answer->body.substr(0, 300);
    if (answer->status >= 500 || answer->status == 429) return unavailable(said);
    return Error{ErrorCode::kUnauthenticated, said};
}

Result<remote::AccessToken> EntraAccess::fetch_token() const {
    const auto origin = http::parse_url(principal_.authority);
    if (!origin) return origin.error().with_context("AZURE_AUTHORITY_HOST");
    http::Query form;
    form.add("grant_type", "client_credentials");
    form.add("client_id", principal_.client_id);
    form.add("client_secret", principal_.secret);
    form.add("scope", kScope);
    http::Request request;
    request.method = "POST";
    request.target = "/" + http::percent_encode(principal_.tenant) + "/oauth2/v2.0/token";
    request.headers.add("content-type", "application/x-www-form-urlencoded");
    request.body = form.text();
    const auto document = post(*origin, request);
    if (!document) {
        return document.error().with_context(
            "the token of the application in AZURE_CLIENT_ID, whose secret is AZURE_CLIENT_SECRET");
    }
    return remote::parse_access_token(*document, world_.now());
}

bool EntraAccess::is_resting(const std::optional<Failure>& failure) const {
    const WallTime now = world_.now();
    // A clock that was set back ends it as well.
    return failure && now >= failure->at && now < failure->at + kRest;
}

std::optional<Result<std::string>> EntraAccess::known_token(Duration ahead) const {
    const WallTime now = world_.now();
    if (token_ && token_->expires > now + ahead) return token_->token;
    if (!is_resting(token_failure_)) return std::nullopt;
    // An old one that still holds is better than none.
    if (token_ && token_->expires > now) return token_->token;
    return token_failure_->error;
}

Result<std::string> EntraAccess::token(Duration ahead) {
    const auto known = [this](Duration margin) {
        const std::lock_guard lock(mutex_);
        return known_token(margin);
    };
    if (auto at_hand = known(ahead)) return *at_hand;
    std::unique_lock fetching(fetching_token_, std::try_to_lock);
    if (!fetching) {
        if (auto old = known({})) return *old;
        fetching.lock();
    }
    // Another one may just have asked.
    if (auto at_hand = known(ahead)) return *at_hand;
    return ask_token();
}

Result<std::string> EntraAccess::ask_token() {
    const auto found = fetch_token();
    const std::lock_guard lock(mutex_);
    token_failure_.reset();
    if (found)
        token_ = *found;
    else
        token_failure_ = Failure{found.error(), world_.now()};
    if (token_ && token_->expires > world_.now()) return token_->token;
    return found ? Result<std::string>(found->token) : found.error();
}

Result<DelegationKey> EntraAccess::fetch_key(const std::string& token) const {
    const WallTime from{world_.now().us - kBefore.us};
    http::Request request;
    request.method = "POST";
    request.target = account_path_ + "?restype=service&comp=userdelegationkey";
    request.headers.add("authorization", "Bearer " + token);
    request.headers.add("x-ms-version", kVersion);
    request.headers.add("content-type", "application/xml");
    request.body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><KeyInfo><Start>" + to_rfc3339(from) +
                   "</Start><Expiry>" + to_rfc3339(from + kKeyLife) + "</Expiry></KeyInfo>";
    const auto document = post(account_, request);
    if (!document) {
        return document.error().with_context(
            "the user delegation key, which wants the role Storage Blob Data Contributor on the "
            "account (to read alone: Storage Blob Data Reader)");
    }
    return parse_delegation_key(*document);
}

Status EntraAccess::renew(Duration ahead) {
    const auto own = token(ahead);
    const Status key = renew_key(ahead);
    return own ? key : own.error();
}

std::optional<Status> EntraAccess::known_key(Duration ahead) const {
    if (key_ && key_->expires > world_.now() + ahead) return ok();
    if (is_resting(key_failure_)) return key_failure_->error;
    return std::nullopt;
}

Status EntraAccess::renew_key(Duration ahead) {
    const auto known = [this](Duration margin) {
        const std::lock_guard lock(mutex_);
        return known_key(margin);
    };
    const Duration fresh = std::max(ahead, kKeyAhead);
    if (auto at_hand = known(fresh)) return *at_hand;
    std::unique_lock fetching(fetching_key_, std::try_to_lock);
    if (!fetching) {
        if (auto old = known(ahead)) return *old;
        fetching.lock();
    }
    if (auto at_hand = known(fresh)) return *at_hand;
    return ask_key(ahead);
}

Status EntraAccess::ask_key(Duration ahead) {
    const auto own = token(ahead);
    const auto found = own ? fetch_key(*own) : own.error();
    const std::lock_guard lock(mutex_);
    key_failure_.reset();
    if (found)
        key_ = *found;
    else
        key_failure_ = Failure{found.error(), world_.now()};
    return found ? ok() : Status(found.error());
}

Result<DelegationKey> EntraAccess::key_at_hand() const {
    const std::lock_guard lock(mutex_);
    if (key_ && key_->expires > world_.now()) return *key_;
    return unavailable("there is no user delegation key to sign URLs with yet" +
                       (key_failure_ ? ": " + key_failure_->error.message : ""));
}

Result<DelegationKey> parse_delegation_key(const std::string& document) {
    const auto xml = remote::parse_answer(document);
    if (!xml) return xml.error().with_context("the user delegation key");
    DelegationKey key{(*xml)["SignedOid"],     (*xml)["SignedTid"],
                      (*xml)["SignedStart"],   (*xml)["SignedExpiry"],
                      (*xml)["SignedService"], (*xml)["SignedVersion"],
                      (*xml)["Value"],         {}};
    const auto value = remote::from_base64(key.value);
    const auto expires = parse_rfc3339(key.expiry);
    if (!value || value->empty() || !expires || key.object.empty()) {
        return Error{ErrorCode::kCorrupt, "the answer holds no user delegation key"};
    }
    key.value = *value;
    key.expires = *expires;
    return key;
}

}  // namespace herder::az
