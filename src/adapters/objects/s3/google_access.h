#pragma once
// Google's credentials as its own tools find them (cloud.google.com/docs/authentication/
// application-default-credentials, November 2026): the file of $GOOGLE_APPLICATION_CREDENTIALS,
// what gcloud's application-default login left, the metadata service of the machine. Gives tokens
// for our own requests, and signatures for URLs.
#include <mutex>
#include <optional>
#include <string>

#include "adapters/objects/s3/credential_chain.h"
#include "adapters/objects/s3/credential_json.h"
#include "adapters/objects/s3/rsa_key.h"

namespace herder::s3 {

class GoogleAccess {
  public:
    explicit GoogleAccess(CredentialWorld world) : world_(std::move(world)) {}

    // Keeps one until `ahead` before it ends. Thread-safe, as all here.
    Result<std::string> token(Duration ahead = minutes(5));
    // Whether URLs are signed without a call over the network.
    Result<bool> signs_here();
    // The service account in whose name URLs are signed. kInvalid for the login of a person.
    Result<std::string> signing_email();
    // RSA with SHA-256, raw bytes: by the private key, or where there is none by the service
    // "IAM credentials", which is a call over the network each time.
    Result<std::string> sign(const std::string& text);

  private:
    struct Login {
        std::optional<GoogleKey> key;  // nothing: the machine's metadata service
        std::string source;            // "the file /home/me/key.json"
        std::optional<RsaKey> rsa;     // its private key, where it has one
        // It becomes another account by a call.
        bool is_other() const { return key && !key->impersonated_email.empty(); }
        bool signs_here() const { return rsa && !is_other(); }
    };
    Result<Login> find_login() const;
    Result<Login> login();
    Result<GoogleToken> fetch_token(const Login& login) const;
    Result<GoogleToken> fetch_own_token(const Login& login) const;
    Result<GoogleToken> fetch_impersonated(const Login& login, const std::string& own) const;
    Result<std::string> ask_machine(const std::string& path, Duration timeout) const;
    Result<std::string> post(const std::string& url, const std::string& type,
                             const std::string& body, const std::string& token) const;
    std::string variable(const std::string& name) const;

    const CredentialWorld world_;
    std::mutex mutex_;  // guards all below
    std::optional<Login> login_;
    std::optional<GoogleToken> token_;
    std::optional<GoogleToken> own_token_;  // that of whoever impersonates
    std::string email_;
    bool is_renewing_ = false;
};

}  // namespace herder::s3
