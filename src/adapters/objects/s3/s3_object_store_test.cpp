#include "adapters/objects/s3/s3_object_store.h"

#include "adapters/objects/s3/scripted_server_fixture.h"

namespace herder::s3 {
namespace {

struct S3ObjectStoreTest : S3Fixture {
    S3ObjectStore store_with(remote::Abilities abilities) {
        server.will_answer({answer(200)});
        return S3ObjectStore(open(), abilities, clock);
    }
};

TEST_F(S3ObjectStoreTest, UsesConditionsOnlyWhereTheyWereSeen) {
    S3ObjectStore plain = store_with({});
    server.will_answer({answer(404), answer(200)});
    ASSERT_TRUE(plain.put("k", "text", true));
    ASSERT_EQ(server.asked().size(), 2U);
    EXPECT_EQ(server.asked()[0].method, "HEAD");
    EXPECT_FALSE(server.asked()[1].headers.has("if-none-match"));
    EXPECT_EQ(server.asked()[1].target, "/bucket/pre/k");

    remote::Abilities able;
    able.put_if_absent = remote::PutIfAbsent::kHeader;
    able.checksums = true;
    S3ObjectStore conditional = store_with(able);
    server.will_answer({answer(200)});
    ASSERT_TRUE(conditional.put("k", "123456789", true));
    ASSERT_EQ(server.asked().size(), 1U);
    EXPECT_EQ(server.asked()[0].headers.get("if-none-match"), "*");
    EXPECT_EQ(server.asked()[0].headers.get("x-amz-checksum-crc32c"), "4waSgw==");

    able.put_if_absent = remote::PutIfAbsent::kGoogleHeader;
    S3ObjectStore google = store_with(able);
    server.will_answer({answer(200)});
    ASSERT_TRUE(google.put("k", "x", true));
    EXPECT_EQ(server.asked()[0].headers.get("x-goog-if-generation-match"), "0");
}

TEST_F(S3ObjectStoreTest, ItsOwnEarlierTryIsNoConflict) {
    remote::Abilities able;
    able.put_if_absent = remote::PutIfAbsent::kHeader;
    S3ObjectStore store = store_with(able);
    server.will_answer({answer(500), refusal(412, "PreconditionFailed"), answer(200, "mine")});
    EXPECT_TRUE(store.put("k", "mine", true));
    server.will_answer({answer(500), refusal(412, "PreconditionFailed"), answer(200, "other")});
    EXPECT_EQ(store.put("k", "mine", true).error().code, ErrorCode::kConflict);
    server.will_answer({refusal(412, "PreconditionFailed"), answer(200, "mine")});
    EXPECT_EQ(store.put("k", "mine", true).error().code, ErrorCode::kConflict);
}

TEST_F(S3ObjectStoreTest, ReadsChecksumsOfWholeObjectsOnly) {
    remote::Abilities able;
    able.checksums = true;
    S3ObjectStore store = store_with(able);
    server.will_answer({answer(200, "", {{"x-amz-checksum-crc32c", "4waSgw=="}})});
    EXPECT_EQ(store.head("k")->crc32c, 0xE3069283U);
    server.will_answer({answer(
        200, "", {{"x-amz-checksum-crc32c", "4waSgw=="}, {"x-amz-checksum-type", "COMPOSITE"}})});
    EXPECT_EQ(store.head("k")->crc32c, std::nullopt);
    server.will_answer({answer(200)});
    EXPECT_EQ(store.head("k")->crc32c, std::nullopt);
}

TEST_F(S3ObjectStoreTest, ListingsThatDoNotGoOnAreCorrupt) {
    S3ObjectStore store = store_with({});
    server.will_answer(
        {answer(200, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")});
    EXPECT_EQ(store.list("", 10).error().code, ErrorCode::kCorrupt);
    server.will_answer({answer(200, "no xml")});
    EXPECT_EQ(store.list("", 10).error().code, ErrorCode::kCorrupt);
    server.will_answer({answer(200,
                               "<L><Contents><Key>elsewhere/k</Key><Size>1</Size></Contents>"
                               "<Contents><Key>pre/k</Key><Size>3</Size></Contents></L>")});
    const auto listed = store.list("", 10);
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->at(0).key, "k");
    EXPECT_EQ(listed->at(0).size, Bytes{3});
}

TEST_F(S3ObjectStoreTest, OffersUploadsOnlyWhereTheyWereSeen) {
    EXPECT_EQ(store_with({}).multipart(), nullptr);
    remote::Abilities able;
    able.multipart = true;
    S3ObjectStore store = store_with(able);
    EXPECT_NE(store.multipart(), nullptr);
}

}  // namespace
}  // namespace herder::s3
