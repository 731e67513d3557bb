#include "adapters/objects/s3/credential_services.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "adapters/http/url.h"
#include "adapters/objects/remote/xml_tree.h"
#include "adapters/objects/s3/credential_json.h"
#include "adapters/objects/s3/s3_uploads.h"
#include "base/digest.h"

extern char** environ;

namespace herder::s3 {

namespace {

constexpr Duration kServiceTimeout = seconds(20);
constexpr Duration kMachineTimeout = seconds(1);  // there is none on most machines
constexpr std::size_t kOutputMax = 64 << 10;

Error refused(const std::string& doing, const http::Response& response) {
    std::string code;
    if (const auto xml = remote::parse_xml(response.body))
        code = xml->child("Error")["Code"] + " " + xml->child("Error")["Message"];
    return {ErrorCode::kUnauthenticated,
            doing + ": answered " + std::to_string(response.status) + " " + code.substr(0, 300)};
}

Result<Credentials> read_sts(const std::string& doing, const Result<http::Response>& response) {
    if (!response) return response.error().with_context(doing);
    if (!response->is_success()) return refused(doing, *response);
    const auto xml = remote::parse_xml(response->body);
    if (!xml || xml->children.empty()) {
        return Error{ErrorCode::kCorrupt, doing + ": the answer is not readable"};
    }
    const remote::XmlNode& keys = xml->children.front().child("Credentials");
    Credentials found{keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], {}};
    found.expires = parse_iso_time(keys["Expiration"]);
    if (found.access_key.empty() || found.secret_key.empty()) {
        return Error{ErrorCode::kCorrupt, doing + ": the answer holds no key"};
    }
    return found;
}

std::string sts_origin(const RoleWish& wish) {
    return wish.endpoint.empty() ? "https://sts." + wish.region + ".amazonaws.com" : wish.endpoint;
}

// A form with %20 for blanks: Ceph reads no '+' there.
http::Request sts_request(const Fields& form) {
    http::Request request;
    request.method = "POST";
    request.body = encode_query(form);
    request.headers.add("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    return request;
}

Result<Credentials> read_json(const std::string& doing, const Result<http::Response>& response) {
    if (!response) return response.error().with_context(doing);
    if (!response->is_success()) return refused(doing, *response);
    auto found = parse_credentials(response->body);
    if (!found) return found.error().with_context(doing);
    return found;
}

bool is_own_host(const http::Url& url) {
    static constexpr std::array kHosts{"169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                       "localhost", "::1"};
    return url.host.starts_with("127.") ||
           std::find(kHosts.begin(), kHosts.end(), url.host) != kHosts.end();
}

}  // namespace

Result<Credentials> assume_role(const CredentialWorld& world, const RoleWish& wish,
                                const Credentials& source) {
    Fields form{{"Action", "AssumeRole"},
                {"Version", "2011-06-15"},
                {"RoleArn", wish.role_arn},
                {"RoleSessionName", wish.session_name}};
    if (!wish.external_id.empty()) form.emplace_back("ExternalId", wish.external_id);
    http::Request request = sts_request(form);
    const auto url = http::parse_url(sts_origin(wish));
    if (!url) return url.error();
    Signable signable;
    signable.method = "POST";
    signable.headers = {{"host", url->authority()},
                        {"content-type", std::string(*request.headers.get("content-type"))}};
    signable.payload_hash = sha256_hex(request.body);
    Signer(source, wish.region, "sts").sign_headers(signable, world.now());
    for (const auto& [name, value] : signable.headers) {
        if (name != "host") request.headers.set(name, value);
    }
    return read_sts("assuming the role " + wish.role_arn,
                    world.fetch(url->origin(), request, kServiceTimeout));
}

Result<Credentials> assume_role_with_token(const CredentialWorld& world, const RoleWish& wish,
                                           const std::string& token) {
    const http::Request request = sts_request({{"Action", "AssumeRoleWithWebIdentity"},
                                               {"Version", "2011-06-15"},
                                               {"RoleArn", wish.role_arn},
                                               {"RoleSessionName", wish.session_name},
                                               {"WebIdentityToken", token}});
    return read_sts("assuming the role " + wish.role_arn + " with the web identity",
                    world.fetch(sts_origin(wish), request, kServiceTimeout));
}

Result<Credentials> fetch_sso_credentials(const CredentialWorld& world, const SsoWish& wish) {
    http::Request request;
    request.target = "/federation/credentials?" +
                     encode_query({{"role_name", wish.role}, {"account_id", wish.account}});
    request.headers.add("x-amz-sso_bearer_token", wish.token);
    const std::string doing = "asking the SSO portal for role " + wish.role;
    const auto response = world.fetch("https://portal.sso." + wish.region + ".amazonaws.com",
                                      request, kServiceTimeout);
    if (!response) return response.error().with_context(doing);
    if (!response->is_success()) return refused(doing, *response);
    auto found = parse_sso_credentials(response->body);
    if (!found) return found.error().with_context(doing);
    return found;
}

Result<Credentials> fetch_container_credentials(const CredentialWorld& world,
                                                const std::string& url,
                                                const std::string& authorization) {
    const auto parsed = http::parse_url(url);
    if (!parsed || (!parsed->is_https() && !is_own_host(*parsed))) {
        return invalid(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this "
            "host; the credentials would travel in the clear");
    }
    http::Request request;
    request.target = parsed->target;
    if (!authorization.empty()) request.headers.add("authorization", authorization);
    return read_json("asking the container's credential service",
                     world.fetch(parsed->origin(), request, kServiceTimeout));
}

Result<Credentials> fetch_machine_credentials(const CredentialWorld& world,
                                              const std::string& endpoint) {
    http::Request request;
    request.method = "PUT";
    request.target = "/latest/api/token";
    request.headers.add("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    const auto token = world.fetch(endpoint, request, kMachineTimeout);
    if (!token || !token->is_success()) return not_found("this machine has no metadata service");
    request = {};
    request.headers.add("x-aws-ec2-metadata-token", token->body);
    const std::string base = "/latest/meta-data/iam/security-credentials/";
    request.target = base;
    const auto roles = world.fetch(endpoint, request, kServiceTimeout);
    if (!roles || !roles->is_success()) return not_found("this machine has no role");
    const std::string role = roles->body.substr(0, roles->body.find_first_of("\r\n"));
    if (role.empty()) return not_found("this machine has no role");
    request.target = base + http::percent_encode(role);
    return read_json("asking the machine's metadata service for role " + role,
                     world.fetch(endpoint, request, kServiceTimeout));
}

Result<std::vector<std::string>> split_command(const std::string& command) {
    std::vector<std::string> words;
    std::string word;
    char quote = '\0';
    bool is_open = false;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (quote == '\0' && (c == ' ' || c == '\t')) {
            if (is_open) words.push_back(word);
            word.clear();
            is_open = false;
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
            is_open = true;
        } else if (quote != '\0' && c == quote) {
            quote = '\0';
        } else {
            if (c == '\\' && quote != '\'' && i + 1 < command.size()) ++i;
            word += command[i];
            is_open = true;
        }
    }
    if (quote != '\0') return invalid("the quotes of credential_process do not match");
    if (is_open) words.push_back(word);
    if (words.empty()) return invalid("credential_process names no program");
    return words;
}

Result<std::string> run_process(const std::vector<std::string>& words, Duration limit) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return unavailable("starting " + words[0] + " failed");
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    pid_t child = 0;
    const int failed =
        ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string out;
    bool is_over = false;
    while (failed == 0 && out.size() < kOutputMax) {
        pollfd readable{ends[0], POLLIN, 0};
        if (::poll(&readable, 1, static_cast<int>(limit.whole_milliseconds())) <= 0) break;
        std::array<char, 4096> piece{};
        const ssize_t got = ::read(ends[0], piece.data(), piece.size());
        is_over = got == 0;
        if (got <= 0) break;
        out.append(piece.data(), static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    if (failed != 0) return not_found("the program " + words[0] + " cannot be started");
    if (!is_over) ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!is_over) return Error{ErrorCode::kTimedOut, words[0] + " does not end"};
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return Error{ErrorCode::kUnauthenticated, words[0] + " failed; run it by hand to see why"};
    }
    return out;
}

}  // namespace herder::s3
