#pragma once
// Finds the credentials that Amazon's own tools would find: the environment, a web identity, the
// profile's files (keys, roles, a process, a cached SSO login), a container's or a machine's
// service. The first source that is set up is used; if it fails, that is told, and no other is
// tried.
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/cancel.h"
#include "adapters/http/message.h"
#include "adapters/objects/s3/aws_profiles.h"
#include "adapters/objects/s3/aws_signature.h"
#include "adapters/objects/s3/location.h"
#include "base/result.h"
#include "ports/clock.h"

namespace herder::s3 {

// Everything outside that the chain asks.
struct CredentialWorld {
    std::function<std::optional<std::string>(const std::string& name)> variable;
    std::function<Result<std::string>(const std::string& path)> read_file;
    std::function<Result<std::string>(const std::string& command)> run;  // its standard output
    // One call; `url` is the origin, the request has the target.
    std::function<Result<http::Response>(const std::string& origin, const http::Request& request,
                                         Duration timeout)>
        fetch;
    std::function<WallTime()> now;
};
// This process's environment, files, and network. `cancel` outlives it; may be null.
CredentialWorld real_credential_world(const Clock& clock,
                                      const http::CancelToken* cancel = nullptr);

struct FoundCredentials {
    Credentials credentials;
    std::string source;  // "the environment", "profile 'work'"
};

class CredentialChain {
  public:
    // `profile`: empty for $AWS_PROFILE or "default".
    explicit CredentialChain(CredentialWorld world, std::string profile = "");

    // Asks every time.
    Result<FoundCredentials> find() const;
    // Keeps what it found until `ahead` before it ends. Thread-safe.
    Result<Credentials> get(Duration ahead = minutes(5));
    // What get() keeps, without asking anybody, for threads that must not wait; kUnavailable with
    // the last failure's reason where nothing that still holds is kept. Thread-safe.
    Result<Credentials> at_hand() const;
    // Fills in endpoint and region where the location leaves them open and the environment or the
    // profile says something.
    Location complete(Location location) const;

  private:
    using Found = Result<std::optional<FoundCredentials>>;  // nothing: not set up
    Found from_environment() const;
    Found from_web_identity(const std::string& token_file, const std::string& role,
                            const std::string& name) const;
    Found from_files() const;
    Result<FoundCredentials> from_profile(const std::string& name, int depth) const;
    Result<FoundCredentials> from_role(const std::string& name, const ProfileSection& section,
                                       int depth) const;
    Result<FoundCredentials> from_sso(const std::string& name, const ProfileSection& section) const;
    Found from_container() const;
    Found from_machine() const;
    std::string variable(const std::string& name) const;
    std::string home_file(const char* variable_name, const char* path) const;
    std::string region() const;

    const CredentialWorld world_;
    std::string profile_;
    const bool is_profile_given_;    // by the caller
    bool is_profile_named_ = false;  // by the caller or the environment
    Profiles profiles_;
    mutable std::mutex mutex_;  // guards all below
    std::optional<Credentials> kept_;
    std::string failure_;  // of the last try; empty: none
    bool is_renewing_ = false;
};

}  // namespace herder::s3
