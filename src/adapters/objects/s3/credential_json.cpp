#include "adapters/objects/s3/credential_json.h"

#include <boost/json.hpp>

#include "adapters/objects/remote/access_token.h"
#include "adapters/objects/remote/base64_text.h"
#include "adapters/objects/s3/s3_uploads.h"
#include "base/bytes.h"

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

constexpr const char* kGoogleTokenUrl = "https://oauth2.googleapis.com/token";

// ".../serviceAccounts/EMAIL:generateAccessToken".
std::string email_in(const std::string& url) {
    const std::string before = "serviceAccounts/";
    const std::size_t at = url.find(before);
    const std::size_t end = url.rfind(':');
    if (at == url.npos || end == url.npos || end < at) return "";
    return url.substr(at + before.size(), end - at - before.size());
}

Result<GoogleKey> read_google_key(const json::object& object) {
    GoogleKey key;
    const std::string type = text(object, "type");
    key.email = text(object, "client_email");
    key.private_key = text(object, "private_key");
    key.private_key_id = text(object, "private_key_id");
    key.client_id = text(object, "client_id");
    key.client_secret = text(object, "client_secret");
    key.refresh_token = text(object, "refresh_token");
    key.token_url = text(object, "token_uri");
    if (key.token_url.empty()) key.token_url = kGoogleTokenUrl;
    if (type == "service_account" && !key.email.empty() && !key.private_key.empty()) return key;
    if (type == "authorized_user" && !key.refresh_token.empty()) return key;
    return invalid("it is of the type '" + type +
                   "', which is not read here, or misses a field; give the JSON key of a service "
                   "account");
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

Result<GoogleKey> parse_google_key(std::string_view document) {
    const auto object = object_of(document);
    if (!object) return object.error();
    if (text(*object, "type") != "impersonated_service_account") return read_google_key(*object);
    const json::value* source = object->if_contains("source_credentials");
    const std::string email = email_in(text(*object, "service_account_impersonation_url"));
    if (source == nullptr || !source->is_object() || email.empty())
        return invalid("it does not say which account is impersonated by whom");
    auto key = read_google_key(source->get_object());
    if (key) key->impersonated_email = email;
    return key;
}

Result<GoogleToken> parse_google_token(std::string_view document, WallTime now) {
    const auto object = object_of(document);
    if (!object) return object.error();
    auto plain = remote::parse_access_token(document, now);
    if (plain) return GoogleToken{std::move(plain->token), plain->expires};
    const GoogleToken found{text(*object, "accessToken"),
                            parse_iso_time(text(*object, "expireTime"))};
    return found.token.empty() || found.expires <= now ? Result<GoogleToken>(plain.error()) : found;
}

Result<std::string> parse_signed_blob(std::string_view document) {
    const auto object = object_of(document);
    if (!object) return object.error();
    auto bytes = remote::from_base64(text(*object, "signedBlob"));
    if (!bytes || bytes->empty())
        return Error{ErrorCode::kCorrupt, "the answer holds no signature"};
    return bytes;
}

std::string make_jwt_text(const GoogleKey& key, const std::string& scope, WallTime now) {
    const std::int64_t issued = now.us / 1'000'000;
    const json::object header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", key.private_key_id}};
    const json::object claims{{"iss", key.email},
                              {"scope", scope},
                              {"aud", key.token_url},
                              {"iat", issued},
                              {"exp", issued + 3600}};
    return to_base64url(json::serialize(header)) + "." + to_base64url(json::serialize(claims));
}

std::string make_sign_blob_wish(std::string_view text) {
    return json::serialize(json::object{{"payload", remote::to_base64(text)}});
}

std::string make_impersonation_wish(const std::string& scope) {
    return json::serialize(json::object{{"scope", json::array{scope}}, {"lifetime", "3600s"}});
}

}  // namespace herder::s3
