#include "adapters/objects/az/azure_credentials.h"

#include <gtest/gtest.h>

#include <map>

namespace herder::az {
namespace {

const Location kHere{"account1", "box", "", ""};
// Sixteen zero bytes and more.
constexpr const char* kKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAA";

Result<Credentials> find(const std::map<std::string, std::string>& variables) {
    return find_credentials(
        [&](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            if (found == variables.end()) return std::nullopt;
            return found->second;
        },
        kHere);
}

TEST(AzureCredentials, ComeFromTheEnvironment) {
    const auto key = find({{"AZURE_STORAGE_KEY", kKey}});
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->account, "account1");
    EXPECT_EQ(key->key, std::string(21, '\0'));
    const auto sas =
        find({{"AZURE_STORAGE_ACCOUNT", "account1"}, {"AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=a"}});
    ASSERT_TRUE(sas);
    EXPECT_EQ(sas->sas, "sv=1&sig=a");
    // A key can do all that a SAS can.
    EXPECT_EQ(find({{"AZURE_STORAGE_KEY", kKey}, {"AZURE_STORAGE_SAS_TOKEN", "sv=1"}})->sas, "");
}

TEST(AzureCredentials, ConnectionStringsMayNameAnEndpoint) {
    const std::string head = "DefaultEndpointsProtocol=https;AccountName=account1;AccountKey=";
    const auto plain = find(
        {{"AZURE_STORAGE_CONNECTION_STRING", head + kKey + ";EndpointSuffix=core.windows.net"}});
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_EQ(plain->endpoint, "");
    EXPECT_EQ(find({{"AZURE_STORAGE_CONNECTION_STRING",
                     head + kKey + ";EndpointSuffix=core.chinacloudapi.cn"}})
                  ->endpoint,
              "https://account1.blob.core.chinacloudapi.cn");
    EXPECT_EQ(find({{"AZURE_STORAGE_CONNECTION_STRING",
                     head + kKey + ";BlobEndpoint=http://127.0.0.1:10000/account1;"}})
                  ->endpoint,
              "http://127.0.0.1:10000/account1");
}

TEST(AzureCredentials, AnApplicationStandsForAKeyThatIsNotThere) {
    std::map<std::string, std::string> variables{
        {"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_ID", "c"}, {"AZURE_CLIENT_SECRET", "s"}};
    const auto found = find(variables);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->principal, (Principal{"t", "c", "s", "https://login.microsoftonline.com"}));
    EXPECT_EQ(found->account, "account1");
    variables["AZURE_AUTHORITY_HOST"] = "https://login.chinacloudapi.cn";
    EXPECT_EQ(find(variables)->principal->authority, "https://login.chinacloudapi.cn");
    variables["AZURE_STORAGE_KEY"] = kKey;
    EXPECT_FALSE(find(variables)->principal);
    EXPECT_EQ(find({{"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_ID", "c"}}).error().code,
              ErrorCode::kUnauthenticated);
}

TEST(AzureCredentials, RefusalsSayWhatToDo) {
    EXPECT_EQ(find({}).error().code, ErrorCode::kUnauthenticated);
    EXPECT_NE(find({}).error().message.find("AZURE_STORAGE_KEY"), std::string::npos);
    EXPECT_NE(find({{"AZURE_STORAGE_ACCOUNT", "other1"}, {"AZURE_STORAGE_KEY", kKey}})
                  .error()
                  .message.find("other1"),
              std::string::npos);
    EXPECT_EQ(find({{"AZURE_STORAGE_KEY", "no key!"}}).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(find({{"AZURE_STORAGE_KEY", "AAAA"}}).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace herder::az
