#pragma once
// A world for the tests of credentials: variables, files and answers that are set by hand, and the
// requests that were made.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "adapters/objects/s3/credential_chain.h"

namespace herder::s3 {

struct CredentialFixture : ::testing::Test {
    struct Asked {
        std::string origin;
        http::Request request;
    };
    std::map<std::string, std::string> variables{{"HOME", "/home/me"}};
    std::map<std::string, std::string> files;
    std::map<std::string, http::Response> answers;  // by origin and path
    std::map<std::string, std::string> outputs;     // of commands
    std::vector<Asked> asked;
    WallTime now{1'369'353'600'000'000};

    CredentialWorld world() {
        CredentialWorld made;
        made.variable = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            if (found == variables.end()) return std::nullopt;
            return found->second;
        };
        made.read_file = [this](const std::string& path) -> Result<std::string> {
            const auto found = files.find(path);
            if (found == files.end()) return not_found(path);
            return found->second;
        };
        made.run = [this](const std::string& command) -> Result<std::string> {
            const auto found = outputs.find(command);
            if (found == outputs.end()) return not_found(command);
            return found->second;
        };
        made.fetch = [this](const std::string& origin, const http::Request& request,
                            Duration) -> Result<http::Response> {
            asked.push_back({origin, request});
            const auto found = answers.find(origin + std::string(request.path()));
            if (found == answers.end()) return unavailable("nobody listens at " + origin);
            return found->second;
        };
        made.now = [this] { return now; };
        return made;
    }
    // "access/secret/token from source", or the error.
    std::string find(const std::string& profile = "") {
        const auto found = CredentialChain(world(), profile).find();
        if (!found) return found.error().message;
        const Credentials& c = found->credentials;
        return c.access_key + "/" + c.secret_key + "/" + c.token + " from " + found->source;
    }
    static http::Response ok_with(std::string body) {
        http::Response response;
        response.body = std::move(body);
        return response;
    }
    static std::string sts_document(const std::string& name) {
        return "<" + name + "Response><" + name +
               "Result><Credentials><AccessKeyId>TA</AccessKeyId>"
               "<SecretAccessKey>TS</SecretAccessKey><SessionToken>TT</SessionToken>"
               "<Expiration>2013-05-24T01:00:00Z</Expiration></Credentials></" +
               name + "Result></" + name + "Response>";
    }
};

}  // namespace herder::s3
