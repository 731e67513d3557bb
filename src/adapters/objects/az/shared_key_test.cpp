// The texts that Microsoft publishes beside its specification ("Authorize with Shared Key", "Create
// a service SAS", read November 2026). The signatures over them are checked by Azurite, in
// tests/azurite.
#include "adapters/objects/az/shared_key.h"

#include <gtest/gtest.h>

#include "adapters/objects/remote/base64_text.h"
#include "base/digest.h"

namespace herder::az {
namespace {

TEST(SharedKey, SignsThePublishedText) {
    Signable request;
    request.path = "/mycontainer";
    request.query = {{"restype", "container"}, {"comp", "metadata"}, {"timeout", "20"}};
    request.headers = {{"x-ms-version", "2015-02-21"},
                       {"x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT"}};
    EXPECT_EQ(string_to_sign(request, "myaccount"),
              "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
              "x-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\n"
              "timeout:20");
}

TEST(SharedKey, CoversWhatARequestSays) {
    Signable request;
    request.method = "PUT";
    request.path = "/box/a%20b";
    request.content_length = 11;
    request.headers = {
        {"content-md5", "m"}, {"if-none-match", "*"}, {"x-ms-blob-type", "BlockBlob"}};
    EXPECT_EQ(string_to_sign(request, "acc"),
              "PUT\n\n\n11\nm\n\n\n\n\n*\n\n\nx-ms-blob-type:BlockBlob\n/acc/box/a%20b");
    EXPECT_EQ(
        shared_key(request, "acc", "key"),
        "SharedKey acc:" + remote::to_base64(hmac_sha256("key", string_to_sign(request, "acc"))));
}

TEST(Sas, SignsTheDocumentedFieldsInTheirOrder) {
    const SasWish wish{"acc", "box", "a/b", "cw", WallTime{1'369'353'600'000'000}, true};
    EXPECT_EQ(
        string_to_sign(wish),
        "cw\n\n2013-05-24T00:00:00Z\n/blob/acc/box/a/b\n\n\nhttps\n2021-08-06\nb\n\n\n\n\n\n\n");
    const std::string sas = make_sas(wish, "key");
    EXPECT_TRUE(
        sas.starts_with("sv=2021-08-06&sr=b&sp=cw&se=2013-05-24T00%3A00%3A00Z&spr=https&sig="))
        << sas;
    SasWish other = wish;
    other.permissions = "r";
    EXPECT_NE(make_sas(other, "key"), sas);
    EXPECT_NE(make_sas(wish, "kez"), sas);
}

TEST(Sas, OfAnApplicationNamesTheKeyThatItIsSignedWith) {
    const SasWish wish{"acc", "box", "a/b", "r", WallTime{1'369'353'600'000'000}, true};
    const DelegationKey key{"oid", "tid", "START", "END", "b", "2025-11-05", "key", {}};
    EXPECT_EQ(string_to_sign(wish, key),
              "r\n\n2013-05-24T00:00:00Z\n/blob/acc/box/a/b\noid\ntid\nSTART\nEND\nb\n2025-11-05\n"
              "\n\n\n\nhttps\n2021-08-06\nb\n\n\n\n\n\n\n");
    const std::string sas = make_sas(wish, key);
    EXPECT_TRUE(sas.starts_with(
        "sv=2021-08-06&sr=b&sp=r&se=2013-05-24T00%3A00%3A00Z&spr=https&skoid=oid&sktid=tid&"
        "skt=START&ske=END&sks=b&skv=2025-11-05&sig="))
        << sas;
}

}  // namespace
}  // namespace herder::az
