#include "adapters/objects/s3/credential_json.h"

#include <boost/json.hpp>

#include "adapters/objects/s3/s3_uploads.h"

namespace herder::s3 {

namespace json = boost::json;

namespace {

Result<json::object> object_of(std::string_view document) {
    boost::system::error_code failed;
    json::value value = json::parse({document.data(), document.size()}, failed);
    // The text may hold secrets, so it is not repeated.
    if (failed || !value.is_object()) {
        return Error{ErrorCode::kCorrupt, "the answer with the credentials is no JSON object"};
    }
    return std::move(value.get_object());
}

std::string text(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

Result<Credentials> checked(Credentials credentials) {
    if (credentials.access_key.empty() || credentials.secret_key.empty()) {
        return Error{ErrorCode::kCorrupt, "the answer with the credentials holds no key"};
    }
    return credentials;
}

}  // namespace

Result<Credentials> parse_credentials(std::string_view document) {
    const auto object = object_of(document);
    if (!object) return object.error();
    Credentials found;
    found.access_key = text(*object, "AccessKeyId");
    found.secret_key = text(*object, "SecretAccessKey");
    found.token = text(*object, "SessionToken");
    if (found.token.empty()) found.token = text(*object, "Token");
    const std::string expiration = text(*object, "Expiration");
    if (!expiration.empty()) found.expires = parse_iso_time(expiration);
    return checked(std::move(found));
}

Result<Credentials> parse_sso_credentials(std::string_view document) {
    const auto object = object_of(document);
    if (!object) return object.error();
    const json::value* inner = object->if_contains("roleCredentials");
    if (inner == nullptr || !inner->is_object()) return checked({});
    Credentials found;
    found.access_key = text(inner->get_object(), "accessKeyId");
    found.secret_key = text(inner->get_object(), "secretAccessKey");
    found.token = text(inner->get_object(), "sessionToken");
    const json::value* expiration = inner->get_object().if_contains("expiration");
    if (expiration != nullptr && expiration->is_int64()) {
        found.expires = WallTime{expiration->get_int64() * 1000};
    }
    return checked(std::move(found));
}

Result<SsoToken> parse_sso_token(std::string_view document) {
    const auto object = object_of(document);
    if (!object) return object.error();
    SsoToken token{text(*object, "accessToken"), parse_iso_time(text(*object, "expiresAt")),
                   text(*object, "region")};
    if (token.token.empty()) {
        return Error{ErrorCode::kCorrupt, "the cached login holds no token"};
    }
    return token;
}

}  // namespace herder::s3
