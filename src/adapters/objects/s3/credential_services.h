#pragma once
// The services that hand out temporary credentials: STS, the SSO portal, containers and machines.
// One request each; what to ask is decided in credential_chain.cpp.
#include "adapters/objects/s3/credential_chain.h"

namespace herder::s3 {

struct RoleWish {
    std::string role_arn;
    std::string session_name = "herder";
    std::string external_id;
    std::string region = "us-east-1";
    std::string endpoint;  // empty: AWS
};
// AssumeRole, signed by `source`.
Result<Credentials> assume_role(const CredentialWorld& world, const RoleWish& wish,
                                const Credentials& source);
// AssumeRoleWithWebIdentity: the token is the proof, nothing is signed.
Result<Credentials> assume_role_with_token(const CredentialWorld& world, const RoleWish& wish,
                                           const std::string& token);

struct SsoWish {
    std::string region;
    std::string account;
    std::string role;
    std::string token;
};
Result<Credentials> fetch_sso_credentials(const CredentialWorld& world, const SsoWish& wish);

// `url`: https, or one of the addresses that belong to the host (loopback, 169.254.170.2,
// 169.254.170.23, fd00:ec2::23): else the token would travel in the clear.
Result<Credentials> fetch_container_credentials(const CredentialWorld& world,
                                                const std::string& url,
                                                const std::string& authorization);

// Version 2 of the instance metadata service. kNotFound: there is none, or it has no role.
Result<Credentials> fetch_machine_credentials(const CredentialWorld& world,
                                              const std::string& endpoint);

// Starts the command of credential_process without a shell; its words may be quoted.
Result<std::vector<std::string>> split_command(const std::string& command);
Result<std::string> run_process(const std::vector<std::string>& words, Duration limit);

}  // namespace herder::s3
