#include "api/output_listings.h"

#include "api/api_fixture.h"

namespace herder::api {
namespace {

struct CountingObjects : FakeObjects {
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override {
        ++lists;
        return FakeObjects::list(prefix, limit);
    }
    int lists = 0;
};

struct OutputListingsTest : ::testing::Test {
    OutputListingsTest() {
        objects.content = {{"v1/default/j1/outputs/a", "1"}, {"v1/default/j2/outputs/b", "2"}};
        objects.content[one.hashes_key] = sha256_hex("1") + "  outputs/a\n";
    }
    const OutputListings::Listing* get(const OutputListings::Place& place, bool begins,
                                       Duration after = {}) {
        return listings.get(objects, place, begins, WallTime{1'000'000'000} + after)
            .value_or(nullptr);
    }
    const OutputListings::Place one{"v1/default/j1/outputs/", "v1/default/j1/outputs.sha256"};
    const OutputListings::Place two{"v1/default/j2/outputs/", "v1/default/j2/outputs.sha256"};
    CountingObjects objects;
    OutputListings listings;
};

TEST_F(OutputListingsTest, TheStoreIsAskedOnceForAllPages) {
    const auto* first = get(one, true);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->objects.size(), 1U);
    EXPECT_EQ(first->hashes.at("a"), sha256_hex("1"));
    objects.content["v1/default/j1/outputs/new"] = "3";
    EXPECT_EQ(get(one, false, seconds(59))->objects.size(), 1U) << "as it was when it began";
    EXPECT_EQ(objects.lists, 1);
    EXPECT_EQ(get(one, true)->objects.size(), 2U) << "whoever begins sees what is there now";
    EXPECT_EQ(objects.lists, 2);
}

TEST_F(OutputListingsTest, IsReadAgainForAnotherJobOrAfterAWhile) {
    get(one, true);
    EXPECT_EQ(get(two, false)->objects[0].key, "v1/default/j2/outputs/b");
    EXPECT_TRUE(get(two, false)->hashes.empty());
    EXPECT_EQ(objects.lists, 2);
    get(two, false, minutes(1));
    EXPECT_EQ(objects.lists, 3);
    listings.forget();
    objects.is_away = true;
    EXPECT_EQ(get(two, false, minutes(1)), nullptr);
}

}  // namespace
}  // namespace herder::api
