#include "adapters/objects/az/azure_credentials.h"

#include <map>

#include "adapters/objects/remote/base64_text.h"

namespace herder::az {

namespace {

constexpr const char* kNothingFound =
    "no credentials for Azure were found: neither AZURE_STORAGE_KEY nor "
    "AZURE_STORAGE_CONNECTION_STRING nor AZURE_STORAGE_SAS_TOKEN is set, nor all of "
    "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; set AZURE_STORAGE_KEY to a key of "
    "the account (az storage account keys list)";
constexpr const char* kAuthority = "https://login.microsoftonline.com";

// "Name=value;Name=value"; values may hold '='.
std::map<std::string, std::string> split(const std::string& text) {
    std::map<std::string, std::string> found;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(';', at), text.size());
        const std::size_t mark = text.find('=', at);
        if (mark < end) found[text.substr(at, mark - at)] = text.substr(mark + 1, end - mark - 1);
        at = end + 1;
    }
    return found;
}

std::string endpoint_in(std::map<std::string, std::string>& fields) {
    if (!fields["BlobEndpoint"].empty()) return fields["BlobEndpoint"];
    const std::string& suffix = fields["EndpointSuffix"];
    if (suffix.empty() || suffix == "core.windows.net") return "";
    return "https://" + fields["AccountName"] + ".blob." + suffix;
}

Result<std::string> read_key(const std::string& text, const std::string& name) {
    auto key = remote::from_base64(text);
    if (key && (key->size() >= 16 || text.empty())) return key;
    return invalid(name + " is no key of a storage account; it has to be base64");
}

}  // namespace

Result<Credentials> find_credentials(const Variable& variable, const Location& location) {
    const auto of = [&](const char* name) { return variable(name).value_or(""); };
    Credentials found;
    Result<std::string> key = read_key("", "");
    if (const std::string text = of("AZURE_STORAGE_CONNECTION_STRING"); !text.empty()) {
        auto fields = split(text);
        found.account = fields["AccountName"];
        found.sas = fields["SharedAccessSignature"];
        found.endpoint = endpoint_in(fields);
        key = read_key(fields["AccountKey"], "AccountKey of AZURE_STORAGE_CONNECTION_STRING");
    } else {
        found.account = of("AZURE_STORAGE_ACCOUNT");
        found.sas = of("AZURE_STORAGE_SAS_TOKEN");
        key = read_key(of("AZURE_STORAGE_KEY"), "AZURE_STORAGE_KEY");
    }
    if (!key) return key.error();
    found.key = *key;
    if (found.account.empty()) found.account = location.account;
    if (found.account != location.account) {
        return invalid("the environment's credentials are of the account " + found.account +
                       ", not of " + location.account + "; write az://" + found.account +
                       "/CONTAINER/..., or set the credentials of the other one");
    }
    if (found.sas.starts_with('?')) found.sas.erase(0, 1);
    if (!found.key.empty()) found.sas.clear();
    if (!found.key.empty() || !found.sas.empty()) return found;
    Principal principal{of("AZURE_TENANT_ID"), of("AZURE_CLIENT_ID"), of("AZURE_CLIENT_SECRET"),
                        variable("AZURE_AUTHORITY_HOST").value_or(kAuthority)};
    if (principal.tenant.empty() || principal.client_id.empty() || principal.secret.empty())
        return Error{ErrorCode::kUnauthenticated, kNothingFound};
    found.principal = std::move(principal);
    return found;
}

}  // namespace herder::az
