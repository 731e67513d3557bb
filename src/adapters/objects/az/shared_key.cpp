#include "adapters/objects/az/shared_key.h"

#include <algorithm>
#include <array>

#include "adapters/http/url.h"
#include "adapters/objects/remote/base64_text.h"
#include "base/digest.h"

namespace herder::az {

namespace {

// In this order, each in a line of its own, after the method. The length stands apart: it is empty
// for no body. The date is empty, because x-ms-date says it.
constexpr std::array kBeforeLength{"content-encoding", "content-language"};
constexpr std::array kAfterLength{"content-md5",         "content-type", "date",
                                  "if-modified-since",   "if-match",     "if-none-match",
                                  "if-unmodified-since", "range"};

std::string value_of(const Fields& fields, const std::string& name) {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& field) { return field.first == name; });
    return found == fields.end() ? "" : found->second;
}

// What a SAS says, whoever signs it.
http::Query fields_of(const SasWish& wish) {
    http::Query query;
    query.add("sv", kVersion);
    query.add("sr", "b");
    query.add("sp", wish.permissions);
    query.add("se", to_rfc3339(wish.expires));
    if (wish.https_only) query.add("spr", "https");
    return query;
}

Fields sorted(Fields fields) {
    std::sort(fields.begin(), fields.end());
    return fields;
}

}  // namespace

std::string string_to_sign(const Signable& request, const std::string& account) {
    std::string text = request.method + "\n";
    for (const char* name : kBeforeLength)
        text += value_of(request.headers, name) + "\n";
    text += (request.content_length == 0 ? "" : std::to_string(request.content_length)) + "\n";
    for (const char* name : kAfterLength)
        text += value_of(request.headers, name) + "\n";
    for (const auto& [name, value] : sorted(request.headers)) {
        if (name.starts_with("x-ms-")) text += name + ":" + value + "\n";
    }
    text += "/" + account + request.path;
    for (const auto& [name, value] : sorted(request.query))
        text += "\n" + name + ":" + value;
    return text;
}

std::string shared_key(const Signable& request, const std::string& account,
                       const std::string& key) {
    return "SharedKey " + account + ":" +
           remote::to_base64(hmac_sha256(key, string_to_sign(request, account)));
}

std::string string_to_sign(const SasWish& wish) {
    // sp, st, se, resource, si, sip, spr, sv, sr, snapshot, encryption scope, and the five headers
    // of the answer: of versions from 2020-12-06 on.
    return wish.permissions + "\n\n" + to_rfc3339(wish.expires) + "\n/blob/" + wish.account + "/" +
           wish.container + "/" + wish.blob + "\n\n\n" + (wish.https_only ? "https" : "") + "\n" +
           kVersion + "\nb\n\n\n\n\n\n\n";
}

std::string string_to_sign(const SasWish& wish, const DelegationKey& key) {
    // Between the resource and the address stand the key's fields, and three of agents that nobody
    // has here.
    return wish.permissions + "\n\n" + to_rfc3339(wish.expires) + "\n/blob/" + wish.account + "/" +
           wish.container + "/" + wish.blob + "\n" + key.object + "\n" + key.tenant + "\n" +
           key.start + "\n" + key.expiry + "\n" + key.service + "\n" + key.version + "\n\n\n\n\n" +
           (wish.https_only ? "https" : "") + "\n" + kVersion + "\nb\n\n\n\n\n\n\n";
}

std::string make_sas(const SasWish& wish, const DelegationKey& key) {
    http::Query query = fields_of(wish);
    query.add("skoid", key.object);
    query.add("sktid", key.tenant);
    query.add("skt", key.start);
    query.add("ske", key.expiry);
    query.add("sks", key.service);
    query.add("skv", key.version);
    query.add("sig", remote::to_base64(hmac_sha256(key.value, string_to_sign(wish, key))));
    return query.text();
}

std::string make_sas(const SasWish& wish, const std::string& key) {
    http::Query query = fields_of(wish);
    query.add("sig", remote::to_base64(hmac_sha256(key, string_to_sign(wish))));
    return query.text();
}

}  // namespace herder::az
