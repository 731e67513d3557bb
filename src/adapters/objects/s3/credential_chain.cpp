#include "adapters/objects/s3/credential_chain.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "adapters/http/client.h"
#include "adapters/objects/s3/credential_json.h"
#include "adapters/objects/s3/credential_services.h"
#include "base/bytes.h"

namespace herder::s3 {

namespace {

constexpr int kRolesMax = 5;
constexpr Duration kProcessLimit = seconds(60);
constexpr const char* kNoCredentials =
    "no storage credentials were found in the environment, the AWS profile, or a metadata service; "
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";

bool holds_at(const Credentials& credentials, WallTime when) {
    return !credentials.expires || *credentials.expires > when;
}

std::string sha1_hex(const std::string& text) {
    std::array<unsigned char, 20> out{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_sha1(), nullptr);
    return to_hex({reinterpret_cast<const char*>(out.data()), size});
}

Result<http::Response> fetch_over_network(const std::string& origin, const http::Request& request,
                                          Duration timeout, const http::CancelToken* cancel) {
    http::ClientOptions options;
    options.connect_timeout = timeout;
    const auto client = http::Client::open(origin, options);
    if (!client) return client.error();
    http::CallOptions call;
    call.timeout = timeout;
    call.body_limit = 256 << 10;
    call.cancel = cancel;
    return (*client)->call(request, call).to_result();
}

}  // namespace

CredentialWorld real_credential_world(const Clock& clock, const http::CancelToken* cancel) {
    CredentialWorld world;
    world.variable = [](const std::string& name) -> std::optional<std::string> {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread sets variables
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    };
    world.read_file = [](const std::string& path) -> Result<std::string> {
        std::ifstream file(path, std::ios::binary);
        std::ostringstream text;
        if (!file || !(text << file.rdbuf()))
            return not_found("the file " + path + " cannot be read");
        return text.str();
    };
    world.run = [](const std::string& command) -> Result<std::string> {
        const auto words = split_command(command);
        if (!words) return words.error();
        return run_process(*words, kProcessLimit);
    };
    world.fetch = [cancel](const std::string& origin, const http::Request& request,
                           Duration timeout) {
        return fetch_over_network(origin, request, timeout, cancel);
    };
    world.now = [&clock] { return clock.wall(); };
    return world;
}

CredentialChain::CredentialChain(CredentialWorld world, std::string profile)
    : world_(std::move(world)), profile_(std::move(profile)), is_profile_given_(!profile_.empty()) {
    if (profile_.empty()) profile_ = variable("AWS_PROFILE");
    is_profile_named_ = !profile_.empty();
    if (profile_.empty()) profile_ = "default";
    const auto text = [this](const std::string& path) {
        return world_.read_file(path).value_or("");
    };
    profiles_ = parse_profiles(text(home_file("AWS_CONFIG_FILE", "/.aws/config")),
                               text(home_file("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials")));
}

std::string CredentialChain::variable(const std::string& name) const {
    return world_.variable(name).value_or("");
}

std::string CredentialChain::home_file(const char* variable_name, const char* path) const {
    const std::string named = variable(variable_name);
    return named.empty() ? variable("HOME") + path : named;
}

std::string CredentialChain::region() const {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        if (!variable(name).empty()) return variable(name);
    }
    const ProfileSection* section = profiles_.profile(profile_);
    return section == nullptr ? "" : value_of(*section, "region");
}

Location CredentialChain::complete(Location location) const {
    if (location.region.empty()) location.region = region();
    if (!location.endpoint.empty() || variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true") {
        return location;
    }
    std::vector<std::string> candidates{variable("AWS_ENDPOINT_URL_S3"),
                                        variable("AWS_ENDPOINT_URL")};
    if (const ProfileSection* section = profiles_.profile(profile_)) {
        const auto services = profiles_.services.find(value_of(*section, "services"));
        if (services != profiles_.services.end()) {
            candidates.push_back(value_of(services->second, "s3.endpoint_url"));
        }
        candidates.push_back(value_of(*section, "endpoint_url"));
    }
    for (const std::string& candidate : candidates) {
        const auto url = http::parse_url(candidate);
        if (!url) continue;
        location.endpoint = url->origin();
        break;
    }
    return location;
}

CredentialChain::Found CredentialChain::from_environment() const {
    const Credentials found{variable("AWS_ACCESS_KEY_ID"),
                            variable("AWS_SECRET_ACCESS_KEY"),
                            variable("AWS_SESSION_TOKEN"),
                            {}};
    if (found.access_key.empty() && found.secret_key.empty())
        return std::optional<FoundCredentials>();
    if (found.access_key.empty() || found.secret_key.empty()) {
        return invalid("only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set; set both");
    }
    return std::optional(FoundCredentials{found, "the environment"});
}

CredentialChain::Found CredentialChain::from_web_identity(const std::string& token_file,
                                                          const std::string& role,
                                                          const std::string& name) const {
    if (token_file.empty() || role.empty()) return std::optional<FoundCredentials>();
    auto token = world_.read_file(token_file);
    if (!token) return token.error().with_context("the web identity token");
    while (!token->empty() && (token->back() == '\n' || token->back() == '\r'))
        token->pop_back();
    RoleWish wish;
    wish.role_arn = role;
    if (!name.empty()) wish.session_name = name;
    if (!region().empty()) wish.region = region();
    wish.endpoint = variable("AWS_ENDPOINT_URL_STS");
    const auto found = assume_role_with_token(world_, wish, *token);
    if (!found) return found.error();
    return std::optional(FoundCredentials{*found, "the web identity"});
}

CredentialChain::Found CredentialChain::from_files() const {
    const ProfileSection* section = profiles_.profile(profile_);
    if (section == nullptr && is_profile_named_) {
        return not_found("there is no profile '" + profile_ +
                         "' in ~/.aws/config or ~/.aws/credentials");
    }
    static constexpr std::array kMeaningful{"aws_access_key_id", "role_arn", "credential_process",
                                            "sso_session", "sso_start_url"};
    const bool says_something =
        section != nullptr && std::any_of(kMeaningful.begin(), kMeaningful.end(),
                                          [&](const char* key) { return section->contains(key); });
    if (!says_something) return std::optional<FoundCredentials>();
    const auto found = from_profile(profile_, 0);
    if (!found) return found.error().with_context("profile '" + profile_ + "'");
    return std::optional(*found);
}

Result<FoundCredentials> CredentialChain::from_profile(const std::string& name, int depth) const {
    const ProfileSection* section = profiles_.profile(name);
    if (section == nullptr) return not_found("there is no profile '" + name + "'");
    if (depth > kRolesMax) return invalid("the profiles name each other as their source");
    const std::string source = "profile '" + name + "'";
    const auto of = [&](const char* key) { return value_of(*section, key); };
    if (!of("role_arn").empty()) return from_role(name, *section, depth);
    if (!of("sso_session").empty() || !of("sso_start_url").empty()) return from_sso(name, *section);
    if (!of("credential_process").empty()) {
        const auto text = world_.run(of("credential_process"));
        if (!text) return text.error();
        const auto found = parse_credentials(*text);
        if (!found) return found.error().with_context("credential_process");
        return FoundCredentials{*found, source};
    }
    const Credentials keys{
        of("aws_access_key_id"), of("aws_secret_access_key"), of("aws_session_token"), {}};
    if (keys.access_key.empty() || keys.secret_key.empty()) {
        return invalid("it holds no key, role, process or login");
    }
    return FoundCredentials{keys, source};
}

Result<FoundCredentials> CredentialChain::from_role(const std::string& name,
                                                    const ProfileSection& section,
                                                    int depth) const {
    const auto of = [&](const char* key) { return value_of(section, key); };
    const std::string identity = of("web_identity_token_file");
    if (!identity.empty()) {
        const Found found = from_web_identity(identity, of("role_arn"), of("role_session_name"));
        if (!found) return found.error();
        return **found;
    }
    Result<FoundCredentials> source =
        invalid("the role names neither source_profile nor credential_source");
    const std::string kind = of("credential_source");
    const std::string parent = of("source_profile");
    if (parent == name) {
        // A profile may be its own source: its keys, without the role.
        const Credentials keys{
            of("aws_access_key_id"), of("aws_secret_access_key"), of("aws_session_token"), {}};
        source = FoundCredentials{keys, name};
    } else if (!parent.empty()) {
        source = from_profile(parent, depth + 1);
    } else if (!kind.empty()) {
        const Found found = kind == "Environment"    ? from_environment()
                            : kind == "EcsContainer" ? from_container()
                                                     : from_machine();
        if (!found) return found.error();
        if (!*found) return not_found("credential_source " + kind + " is not set up here");
        source = **found;
    }
    if (!source) return source.error();
    RoleWish wish;
    wish.role_arn = of("role_arn");
    wish.external_id = of("external_id");
    if (!of("role_session_name").empty()) wish.session_name = of("role_session_name");
    if (!region().empty()) wish.region = region();
    wish.endpoint = variable("AWS_ENDPOINT_URL_STS");
    const auto found = assume_role(world_, wish, source->credentials);
    if (!found) return found.error();
    return FoundCredentials{*found, "profile '" + name + "'"};
}

// Only the login that `aws sso login` left in the cache is used: nothing is opened in a browser.
Result<FoundCredentials> CredentialChain::from_sso(const std::string& name,
                                                   const ProfileSection& section) const {
    const std::string session = value_of(section, "sso_session");
    const auto named = profiles_.sso_sessions.find(session);
    const ProfileSection& login = named == profiles_.sso_sessions.end() ? section : named->second;
    const std::string cached = session.empty() ? value_of(section, "sso_start_url") : session;
    const std::string again = "; run: aws sso login --profile " + name;
    const auto text =
        world_.read_file(variable("HOME") + "/.aws/sso/cache/" + sha1_hex(cached) + ".json");
    if (!text) return Error{ErrorCode::kUnauthenticated, "there is no login" + again};
    const auto token = parse_sso_token(*text);
    if (!token) return Error{ErrorCode::kUnauthenticated, token.error().message + again};
    if (token->expires <= world_.now()) {
        return Error{ErrorCode::kUnauthenticated, "the login has ended" + again};
    }
    const auto found = fetch_sso_credentials(
        world_, {value_of(login, "sso_region"), value_of(section, "sso_account_id"),
                 value_of(section, "sso_role_name"), token->token});
    if (!found) return found.error();
    return FoundCredentials{*found, "profile '" + name + "'"};
}

CredentialChain::Found CredentialChain::from_container() const {
    const std::string relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const std::string full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative.empty() && full.empty()) return std::optional<FoundCredentials>();
    std::string authorization = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    const std::string file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (!file.empty()) {
        const auto text = world_.read_file(file);
        if (!text) return text.error().with_context("the container's token");
        authorization = text->substr(0, text->find_first_of("\r\n"));
    }
    const auto found = fetch_container_credentials(
        world_, relative.empty() ? full : "http://169.254.170.2" + relative, authorization);
    if (!found) return found.error();
    return std::optional(FoundCredentials{*found, "the container's service"});
}

CredentialChain::Found CredentialChain::from_machine() const {
    if (variable("AWS_EC2_METADATA_DISABLED") == "true") return std::optional<FoundCredentials>();
    std::string endpoint = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (endpoint.empty()) endpoint = "http://169.254.169.254";
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    const auto found = fetch_machine_credentials(world_, endpoint);
    if (!found && found.error().code == ErrorCode::kNotFound)
        return std::optional<FoundCredentials>();
    if (!found) return found.error();
    return std::optional(FoundCredentials{*found, "the machine's role"});
}

Result<FoundCredentials> CredentialChain::find() const {
    const auto identity = [this] {
        return from_web_identity(variable("AWS_WEB_IDENTITY_TOKEN_FILE"), variable("AWS_ROLE_ARN"),
                                 variable("AWS_ROLE_SESSION_NAME"));
    };
    // A profile that the caller names goes before all else; $AWS_PROFILE does not.
    Found found = is_profile_given_ ? from_files() : from_environment();
    if (found && !*found) found = identity();
    if (found && !*found && !is_profile_given_) found = from_files();
    if (found && !*found) found = from_container();
    if (found && !*found) found = from_machine();
    if (!found) return found.error();
    if (!*found) return Error{ErrorCode::kUnauthenticated, kNoCredentials};
    return **found;
}

Result<Credentials> CredentialChain::get(Duration ahead) {
    const WallTime now = world_.now();
    {
        const std::lock_guard lock(mutex_);
        const bool is_valid = kept_ && holds_at(*kept_, now);
        if (is_valid && (is_renewing_ || holds_at(*kept_, now + ahead))) return *kept_;
        is_renewing_ = true;
    }
    // Without the lock: others go on with the last minutes of the old ones.
    const auto found = find();
    const std::lock_guard lock(mutex_);
    is_renewing_ = false;
    failure_ = found ? "" : found.error().message;
    if (found) kept_ = found->credentials;
    if (found || (kept_ && holds_at(*kept_, now))) return *kept_;
    return found.error();
}

Result<Credentials> CredentialChain::at_hand() const {
    const WallTime now = world_.now();
    const std::lock_guard lock(mutex_);
    if (kept_ && holds_at(*kept_, now)) return *kept_;
    return unavailable("the storage's credentials have ended and new ones are not there yet" +
                       (failure_.empty() ? "" : ": " + failure_));
}

}  // namespace herder::s3
