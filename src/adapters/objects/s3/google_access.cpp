#include "adapters/objects/s3/google_access.h"

#include <algorithm>

#include "adapters/http/url.h"
#include "adapters/objects/remote/safe_address.h"
#include "base/bytes.h"

namespace herder::s3 {

namespace {

constexpr Duration kServiceTimeout = seconds(20);
constexpr Duration kMachineTimeout = seconds(1);  // there is none on most machines
// Reads, writes and deletes objects, and nothing else.
constexpr const char* kScope = "https://www.googleapis.com/auth/devstorage.read_write";
// To become another account, and to sign for it.
constexpr const char* kIamScope = "https://www.googleapis.com/auth/iam";
// What signing for another account wants; the login of gcloud has it.
constexpr const char* kIam = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/";
constexpr const char* kJson = "application/json";
constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kNothingFound =
    "no Google credentials were found: GOOGLE_APPLICATION_CREDENTIALS is not set, 'gcloud auth "
    "application-default login' has left no file, and this machine has no metadata service; set "
    "GOOGLE_APPLICATION_CREDENTIALS to the JSON key file of a service account";

}  // namespace

std::string GoogleAccess::variable(const std::string& name) const {
    return world_.variable(name).value_or("");
}

Result<GoogleAccess::Login> GoogleAccess::find_login() const {
    std::string path = variable("GOOGLE_APPLICATION_CREDENTIALS");
    const bool is_named = !path.empty();
    if (!is_named) {
        std::string folder = variable("CLOUDSDK_CONFIG");
        if (folder.empty()) folder = variable("HOME") + "/.config/gcloud";
        path = folder + "/application_default_credentials.json";
    }
    const auto text = world_.read_file(path);
    if (!text && is_named) return text.error().with_context("GOOGLE_APPLICATION_CREDENTIALS");
    if (!text) return Login{std::nullopt, "the machine's metadata service", {}};
    auto key = parse_google_key(*text);
    if (!key) return key.error().with_context("the file " + path);
    Login found{std::move(*key), "the file " + path, {}};
    if (found.key->private_key.empty()) return found;
    auto rsa = parse_rsa_key(found.key->private_key);
    if (!rsa) return rsa.error().with_context(found.source);
    found.rsa = std::move(*rsa);
    return found;
}

// Found once: a file that is replaced counts from the next start.
Result<GoogleAccess::Login> GoogleAccess::login() {
    {
        const std::lock_guard lock(mutex_);
        if (login_) return *login_;
    }
    auto found = find_login();
    if (!found) return found;
    const std::lock_guard lock(mutex_);
    login_ = *found;
    return found;
}

Result<std::string> GoogleAccess::post(const std::string& url, const std::string& type,
                                       const std::string& body, const std::string& token) const {
    const auto parsed = http::parse_url(url);
    if (!parsed || !remote::keeps_secrets(*parsed))
        return invalid("'" + url + "' is no https URL; the credentials would travel in the clear");
    http::Request request;
    request.method = "POST";
    request.target = parsed->target;
    request.headers.add("content-type", type);
    if (!token.empty()) request.headers.add("authorization", "Bearer " + token);
    request.body = body;
    const auto answer = world_.fetch(parsed->origin(), request, kServiceTimeout);
    if (!answer) return answer.error();
    if (answer->is_success()) return answer->body;
    // Google's error documents hold no secret.
    return Error{answer->status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kUnauthenticated,
                 parsed->host + " answered " + std::to_string(answer->status) + " " +
                     answer->body.substr(0, 300)};
}

Result<std::string> GoogleAccess::ask_machine(const std::string& path, Duration timeout) const {
    std::string host = variable("GCE_METADATA_HOST");
    if (host.empty()) host = "169.254.169.254";
    http::Request request;
    request.target = "/computeMetadata/v1/instance/service-accounts/default/" + path;
    request.headers.add("metadata-flavor", "Google");
    const auto answer = world_.fetch("http://" + host, request, timeout);
    if (!answer || !answer->is_success()) return Error{ErrorCode::kUnauthenticated, kNothingFound};
    return answer->body;
}

Result<GoogleToken> GoogleAccess::fetch_own_token(const Login& login) const {
    const WallTime now = world_.now();
    Result<std::string> document("");
    if (!login.key) {
        document = ask_machine("token", kMachineTimeout);
    } else if (login.rsa) {
        const char* scope = login.is_other() ? kIamScope : kScope;
        const std::string text = make_jwt_text(*login.key, scope, now);
        const auto signature = login.rsa->sign(text);
        if (!signature) return signature.error();
        document = post(login.key->token_url, kForm,
                        encode_query({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                      {"assertion", text + "." + to_base64url(*signature)}}),
                        "");
    } else {
        document = post(login.key->token_url, kForm,
                        encode_query({{"grant_type", "refresh_token"},
                                      {"client_id", login.key->client_id},
                                      {"client_secret", login.key->client_secret},
                                      {"refresh_token", login.key->refresh_token}}),
                        "");
    }
    if (!document) return document.error();
    return parse_google_token(*document, now);
}

Result<GoogleToken> GoogleAccess::fetch_impersonated(const Login& login,
                                                     const std::string& own) const {
    const auto document =
        post(kIam + http::percent_encode(login.key->impersonated_email) + ":generateAccessToken",
             kJson, make_impersonation_wish(kScope), own);
    if (!document) {
        return document.error().with_context(
            "becoming " + login.key->impersonated_email +
            ", which wants the role Service Account Token Creator on it");
    }
    return parse_google_token(*document, world_.now());
}

Result<GoogleToken> GoogleAccess::fetch_token(const Login& login) const {
    auto found = fetch_own_token(login);
    if (!found) return found.error().with_context("the token by " + login.source);
    return found;
}

Result<std::string> GoogleAccess::token(Duration ahead) {
    const WallTime now = world_.now();
    {
        const std::lock_guard lock(mutex_);
        if (token_ && token_->expires > now + ahead) return token_->token;
        // One fetches a new one; the others go on with what they have.
        if (token_ && token_->expires > now && is_renewing_) return token_->token;
        is_renewing_ = true;
    }
    const auto way = login();
    const auto own = way ? fetch_token(*way) : Result<GoogleToken>(way.error());
    const auto found = own && way->is_other() ? fetch_impersonated(*way, own->token) : own;
    const std::lock_guard lock(mutex_);
    is_renewing_ = false;
    if (own) own_token_ = *own;
    if (found) {
        token_ = *found;
        // The one that impersonates signs, so that both have to hold.
        token_->expires = std::min(found->expires, own->expires);
    }
    // An old one that still holds is better than none.
    if (token_ && token_->expires > now) return token_->token;
    return found.error();
}

Result<bool> GoogleAccess::signs_here() {
    const auto way = login();
    if (!way) return way.error();
    return way->signs_here();
}

Result<std::string> GoogleAccess::signing_email() {
    const auto way = login();
    if (!way) return way.error();
    if (way->is_other()) return way->key->impersonated_email;
    if (way->key && !way->key->email.empty()) return way->key->email;
    if (way->key) {
        return invalid(way->source +
                       " is the login of a person, which cannot sign URLs for machines; set "
                       "GOOGLE_APPLICATION_CREDENTIALS to the JSON key of a service account");
    }
    {
        const std::lock_guard lock(mutex_);
        if (!email_.empty()) return email_;
    }
    auto email = ask_machine("email", kMachineTimeout);
    if (!email) return email;
    while (email->ends_with('\n'))
        email->pop_back();
    const std::lock_guard lock(mutex_);
    email_ = *email;
    return email;
}

Result<std::string> GoogleAccess::sign(const std::string& text) {
    const auto way = login();
    if (!way) return way.error();
    if (way->signs_here()) return way->rsa->sign(text);
    const auto email = signing_email();
    if (!email) return email.error();
    const auto held = token();
    if (!held) return held.error();
    std::string own = *held;
    if (way->is_other()) {
        const std::lock_guard lock(mutex_);
        own = own_token_->token;
    }
    const auto document = post(kIam + http::percent_encode(*email) + ":signBlob", kJson,
                               make_sign_blob_wish(text), own);
    if (!document) {
        return document.error().with_context(
            "signing as " + *email +
            ", which wants the role Service Account Token Creator on it and the scope "
            "cloud-platform");
    }
    return parse_signed_blob(*document);
}

}  // namespace herder::s3
