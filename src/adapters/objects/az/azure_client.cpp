#include "adapters/objects/az/azure_client.h"

#include "adapters/http/http_date.h"
#include "adapters/objects/remote/safe_address.h"

namespace herder::az {

namespace {

constexpr Duration kFileTimeout = hours(2);

std::string target_of(const std::string& path, const Fields& query, const std::string& sas) {
    http::Query encoded;
    for (const auto& [name, value] : query)
        encoded.add(name, value);
    std::string text = encoded.text();
    if (!sas.empty()) text += (text.empty() ? "" : "&") + sas;
    return text.empty() ? path : path + "?" + text;
}

std::string doing_of(const AzureRequest& request) {
    if (request.container.empty()) return request.method + " the account's containers";
    if (request.blob.empty()) return request.method + " the container " + request.container;
    return request.method + " " + request.blob;
}

}  // namespace

Result<std::unique_ptr<AzureClient>> AzureClient::open(ClientSettings settings,
                                                       const Clock& world) {
    std::unique_ptr<AzureClient> made(new AzureClient(std::move(settings), world));
    const auto address = address_of(made->location(), "", "");
    if (!address) return address.error();
    if (made->settings_.credentials.key.empty() && !remote::keeps_secrets(address->origin)) {
        return invalid("'" + made->location().endpoint +
                       "' is no https URL; the signature or token would travel in the clear");
    }
    http::ClientOptions options;
    options.trust = made->settings_.trust;
    auto client = http::Client::open(address->origin, options);
    if (!client) return client.error();
    made->client_ = std::move(*client);
    return made;
}

Result<http::Response> AzureClient::send_once(const AzureRequest& request, bool& maybe_sent) {
    const auto address = address_of(location(), request.container, request.blob);
    if (!address) return address.error();
    const auto upload = remote::open_body(request.body_file);
    if (!upload) return upload.error();
    const Credentials& credentials = settings_.credentials;
    Signable signable{request.method, address->path, request.query, request.headers, 0};
    signable.content_length =
        *upload ? static_cast<std::size_t>((*upload)->size) : request.body.size();
    signable.headers.emplace_back("x-ms-date", http::to_http_date(clock_.now()));
    signable.headers.emplace_back("x-ms-version", kVersion);
    http::Request wire;
    wire.method = request.method;
    wire.target = target_of(address->path, request.query, credentials.sas);
    for (const auto& [name, value] : signable.headers)
        wire.headers.add(name, value);
    if (settings_.entra != nullptr) {
        const auto token = settings_.entra->token();
        if (!token) return token.error();
        wire.headers.add("authorization", "Bearer " + *token);
    } else if (!credentials.key.empty()) {
        wire.headers.add("authorization",
                         shared_key(signable, credentials.account, credentials.key));
    }
    wire.body = request.body;
    http::CallOptions options;
    options.timeout = *upload ? kFileTimeout : settings_.timeout;
    options.body_limit = request.body_limit;
    options.cancel = settings_.cancel;
    if (*upload) {
        options.upload = **upload;
        options.idle_timeout = settings_.timeout;
    }
    auto answer = client_->call(wire, options);
    if (answer) {
        clock_.hear(*answer);
        return std::move(*answer);
    }
    maybe_sent = maybe_sent || answer.error().maybe_sent;
    return answer.error().error;
}

std::optional<remote::RemoteRefusal> AzureClient::judge(const AzureRequest& request,
                                                        const http::Response& response,
                                                        bool& again) {
    if (response.is_success()) return std::nullopt;
    const std::string code(response.headers.get("x-ms-error-code").value_or(""));
    again = remote::is_passing(response.status);
    // A date that is too far off is answered with the same code as a wrong key.
    if (response.status == 403 && clock_.follow(response)) again = true;
    return remote::RemoteRefusal{explain(response.status, code, location(), doing_of(request)),
                                 response.status, code, false};
}

remote::RemoteResult AzureClient::call(const AzureRequest& request) {
    return calls_.run([&](bool& maybe_sent) { return send_once(request, maybe_sent); },
                      [&](const http::Response& response, bool& again) {
                          return judge(request, response, again);
                      });
}

Status AzureClient::check() {
    AzureRequest list;
    list.container = location().container;
    list.query = {{"restype", "container"}, {"comp", "list"}, {"maxresults", "1"}};
    const auto listed = call(list);
    return listed ? ok() : Status(listed.error().error);
}

Result<std::string> AzureClient::sign(const std::string& container, const std::string& blob,
                                      const std::string& permissions, Duration life) const {
    const Credentials& credentials = settings_.credentials;
    if (credentials.key.empty() && settings_.entra == nullptr) {
        return invalid(
            "a SAS cannot sign URLs for machines, and is itself not given to them; set "
            "AZURE_STORAGE_KEY to a key of the account " +
            location().account);
    }
    const auto address = address_of(location(), container, blob);
    if (!address) return address.error();
    const Duration held = std::min(std::max(life, seconds(1)), kSasLifeMax);
    SasWish wish{credentials.account, container,           blob,
                 permissions,         clock_.now() + held, address->origin.is_https()};
    const std::string begin = address->origin.origin() + address->path + "?";
    if (settings_.entra == nullptr) return begin + make_sas(wish, credentials.key);
    const auto key = settings_.entra->key_at_hand();
    if (!key) return key.error();
    wish.expires = std::min(wish.expires, key->expires);
    return begin + make_sas(wish, *key);
}

Error explain(int status, const std::string& code, const Location& location,
              const std::string& doing) {
    const std::string where = location.endpoint.empty() ? "Azure" : location.endpoint;
    const std::string said = doing + ": " + where + " answered " + std::to_string(status) +
                             (code.empty() ? "" : " " + code);
    if (code == "ContainerNotFound" && doing.ends_with(" " + location.container)) {
        return not_found(said + "; there is no container " + location.container +
                         " in the account " + location.account + ": create it or correct the name");
    }
    if (status == 404) return not_found(said);
    if (code == "AuthenticationFailed" || code == "InvalidAuthenticationInfo" || status == 401) {
        return {ErrorCode::kUnauthenticated, said + "; the key is not one of the account " +
                                                 location.account + ", or the SAS has ended"};
    }
    if (code == "AuthorizationPermissionMismatch") {
        return {ErrorCode::kForbidden,
                said +
                    "; the application needs the role Storage Blob Data Contributor on the account "
                    "(to read alone: Storage Blob Data Reader)"};
    }
    if (status == 403) {
        return {ErrorCode::kForbidden,
                said +
                    "; the account must allow its keys (Settings, Configuration) and this "
                    "machine's network, and a SAS must allow all that is done"};
    }
    if (status == 409 || status == 412) return {ErrorCode::kConflict, said};
    if (status == 429) return {ErrorCode::kRateLimited, said};
    if (code == "Md5Mismatch" || code == "InvalidBlockList" || code == "InvalidBlobOrBlock")
        return {ErrorCode::kCorrupt, said};
    if (status >= 500 && status != 501) return unavailable(said);
    return invalid(said);
}

}  // namespace herder::az
