#include "base/bucket_address.h"

#include <algorithm>
#include <array>
#include <optional>

namespace herder {

namespace {

struct Scheme {
    BucketScheme scheme;
    std::string_view begin;
    std::string_view pattern;
};
constexpr std::array<Scheme, 3> kSchemes{
    {{BucketScheme::kAmazon, "s3://", "s3://BUCKET/PATH"},
     {BucketScheme::kGoogle, "gs://", "gs://BUCKET/PATH"},
     {BucketScheme::kAzure, "az://", "az://ACCOUNT/CONTAINER/PATH"}}};

const Scheme& of(BucketScheme wanted) {
    return *std::find_if(kSchemes.begin(), kSchemes.end(),
                         [&](const Scheme& known) { return known.scheme == wanted; });
}

// Where the browsers of the two show an object
// (docs.cloud.google.com/storage/docs/request-endpoints and
// learn.microsoft.com/azure/storage/common/storage-account-overview, November 2026).
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kGoogleHost = "storage.googleapis.com";
constexpr std::string_view kGoogleLoginHost = "storage.cloud.google.com";
constexpr std::string_view kAzureHost = ".blob.core.windows.net";

// Where the settings begin; the end of the text without any.
std::size_t settings_mark(std::string_view text) {
    const std::size_t mark = text.rfind('?');
    if (mark == text.npos) return text.size();
    for (const char* name : {"endpoint=", "region=", "addressing="}) {
        if (text.substr(mark + 1).starts_with(name)) return mark;
    }
    return text.size();
}

// "account/container/key" of an https address in the words of its scheme; nothing for other hosts.
std::optional<std::pair<BucketScheme, std::string>> place_in_https(std::string_view text) {
    if (!text.starts_with(kHttps)) return std::nullopt;
    text.remove_prefix(kHttps.size());
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::string_view host = text.substr(0, slash);
    const std::string path(text.substr(std::min(slash + 1, text.size())));
    if (host == kGoogleHost || host == kGoogleLoginHost)
        return std::pair{BucketScheme::kGoogle, path};
    for (const auto& [scheme, ending] :
         {std::pair{BucketScheme::kGoogle, "." + std::string(kGoogleHost)},
          std::pair{BucketScheme::kAzure, std::string(kAzureHost)}}) {
        if (host.size() > ending.size() && host.ends_with(ending)) {
            return std::pair{scheme,
                             std::string(host.substr(0, host.size() - ending.size())) + "/" + path};
        }
    }
    return std::nullopt;
}

bool is_of(std::string_view name, std::size_t least, std::size_t most, std::string_view others) {
    return name.size() >= least && name.size() <= most &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      others.find(c) != others.npos;
           });
}

// Old buckets of S3, and those of compatible stores, have more characters than new ones may.
bool is_bucket(std::string_view name) {
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return is_of(lower, 1, 255, "-._") && name.front() != '.';
}

// Names of accounts have 3 to 24 small letters and digits, of containers 3 to 63 and dashes; the
// three names that begin with "$" are Azure's own
// (learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, November 2026).
bool is_account(std::string_view name) {
    return is_of(name, 3, 24, "");
}
bool is_container(std::string_view name) {
    return is_of(name, 3, 63, "-") || name == "$web" || name == "$root" || name == "$logs";
}

Error wrong(const std::string& text, const std::string& why, std::string_view pattern) {
    return invalid("the location '" + text + "' " + why + "; write " + std::string(pattern));
}

// What is wrong with a bucket's name that is none.
std::string no_name(const std::string& name, const std::string& noun) {
    const std::size_t mark = name.find('?');
    if (mark == name.npos) return "names no " + noun;
    return "has '" + name.substr(mark + 1) +
           "', which nothing knows, where endpoint, region or addressing may stand";
}

// Takes the first part of a path off it.
std::string take_part(std::string& path) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    std::string part = path.substr(0, slash);
    path.erase(0, std::min(slash + 1, path.size()));
    return part;
}

// The scheme, and "account/container/key" after it. `place`: `text` without its settings.
Result<std::pair<BucketScheme, std::string>> split_scheme(const std::string& text,
                                                          const std::string& place) {
    if (auto found = place_in_https(place)) {
        // A query here is a signature or the like, and %20 may be either of two names.
        if (found->second.find_first_of("?%#") == std::string::npos) return std::move(*found);
        return wrong(text.substr(0, text.find('?')),
                     "holds '?', '%' or '#', which may mean two things in an https address",
                     std::string(of(found->first).pattern) + " with the name as it is");
    }
    for (const Scheme& known : kSchemes) {
        if (place.starts_with(known.begin))
            return std::pair{known.scheme, place.substr(known.begin.size())};
    }
    return wrong(text, "begins with no scheme that is known",
                 "s3://BUCKET/PATH, gs://BUCKET/PATH or az://ACCOUNT/CONTAINER/PATH");
}

}  // namespace

bool is_bucket_address(std::string_view text) {
    return place_in_https(text) ||
           std::any_of(kSchemes.begin(), kSchemes.end(),
                       [&](const Scheme& s) { return text.starts_with(s.begin); });
}

Result<BucketAddress> parse_bucket_address(const std::string& text) {
    const std::size_t mark = settings_mark(text);
    auto place = split_scheme(text, text.substr(0, mark));
    if (!place) return place.error();
    BucketAddress address;
    address.scheme = place->first;
    address.settings = text.substr(std::min(mark + 1, text.size()));
    std::string& path = place->second;
    const bool is_azure = address.scheme == BucketScheme::kAzure;
    const std::string_view pattern = of(address.scheme).pattern;
    if (is_azure) {
        address.account = take_part(path);
        if (!is_account(address.account)) return wrong(text, "names no account", pattern);
    }
    address.bucket = take_part(path);
    if (is_azure && !is_container(address.bucket))
        return wrong(text, no_name(address.bucket, "container"), pattern);
    if (!is_azure && !is_bucket(address.bucket))
        return wrong(text, no_name(address.bucket, "bucket"), pattern);
    address.key = path;
    return address;
}

std::string to_text(const BucketAddress& address) {
    std::string text(of(address.scheme).begin);
    if (!address.account.empty()) text += address.account + "/";
    text += address.bucket;
    if (!address.key.empty()) text += "/" + address.key;
    return address.settings.empty() ? text : text + "?" + address.settings;
}

std::string without_settings(const std::string& text) {
    return text.substr(0, settings_mark(text));
}

}  // namespace herder
