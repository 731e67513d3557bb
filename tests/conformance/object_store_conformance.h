#pragma once
// The contract of ports/object_store.h as a typed test suite. Every store passes it:
//
//   struct MyPlace {                                    // an empty place
//       std::unique_ptr<herder::ObjectStore> open();    // a new handle; the handle before is gone
//       herder::WallTime now() const;                   // of the clock that expiry times are of
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Mine, ObjectStoreConformance, MyPlace);
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/digest.h"
#include "ports/object_store.h"

namespace herder {

template <class Place>
class ObjectStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override { reopen(); }
    void reopen() {
        store.reset();
        store = place.open();
        ASSERT_NE(store, nullptr);
    }
    std::string get(const std::string& key) {
        const auto data = store->get(key, 100'000'000);
        return data ? *data : "(" + data.error().message + ")";
    }
    std::vector<std::string> keys(const std::string& prefix, std::size_t limit = 1'000) {
        std::vector<std::string> found;
        const auto listed = store->list(prefix, limit);
        EXPECT_TRUE(listed) << listed.error().message;
        if (!listed) return found;
        for (const ObjectInfo& info : *listed)
            found.push_back(info.key);
        return found;
    }

    Place place;
    std::unique_ptr<ObjectStore> store;
};
TYPED_TEST_SUITE_P(ObjectStoreConformance);

TYPED_TEST_P(ObjectStoreConformance, WhatWasPutIsReadAfterReopening) {
    const std::string binary("\0\xFF\r\n binary", 11);
    ASSERT_TRUE(this->store->put("v1/team/j1/a.bin", binary, false));
    ASSERT_TRUE(this->store->put("empty", "", false));
    this->reopen();
    EXPECT_EQ(this->get("v1/team/j1/a.bin"), binary);
    EXPECT_EQ(this->get("empty"), "");
}

TYPED_TEST_P(ObjectStoreConformance, PutReplaces) {
    ASSERT_TRUE(this->store->put("a", "a longer text", false));
    ASSERT_TRUE(this->store->put("a", "short", false));
    EXPECT_EQ(this->get("a"), "short");
    EXPECT_EQ(this->store->head("a")->size, Bytes{5});
}

TYPED_TEST_P(ObjectStoreConformance, PutIfAbsentKeepsWhatIsThere) {
    ASSERT_TRUE(this->store->put("a", "first", true));
    const Status second = this->store->put("a", "second", true);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kConflict);
    EXPECT_EQ(this->get("a"), "first");
    ASSERT_TRUE(this->store->remove("a"));
    EXPECT_TRUE(this->store->put("a", "third", true));
}

TYPED_TEST_P(ObjectStoreConformance, OneOfManyPutsIfAbsentWins) {
    std::vector<Status> done(8, ok());
    std::vector<std::thread> writers;
    for (std::size_t i = 0; i < done.size(); ++i) {
        writers.emplace_back([this, &done, i] {
            done[i] = this->store->put("deep/er/key", std::string(1'000, char('a' + i)), true);
        });
    }
    for (std::thread& writer : writers)
        writer.join();
    std::size_t winner = done.size();
    int winners = 0;
    for (std::size_t i = 0; i < done.size(); ++i) {
        if (done[i]) {
            winner = i;
            ++winners;
        } else {
            EXPECT_EQ(done[i].error().code, ErrorCode::kConflict) << done[i].error().message;
        }
    }
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(this->get("deep/er/key"), std::string(1'000, char('a' + winner)));
}

TYPED_TEST_P(ObjectStoreConformance, AbsentObjectIsNotFound) {
    EXPECT_EQ(this->store->get("no/such", 10).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(this->store->head("no/such").error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(this->store->put("folder/a", "x", false));
    EXPECT_EQ(this->store->get("folder", 10).error().code, ErrorCode::kNotFound);
}

TYPED_TEST_P(ObjectStoreConformance, RemovedObjectIsGone) {
    ASSERT_TRUE(this->store->put("a/b", "x", false));
    ASSERT_TRUE(this->store->remove("a/b"));
    EXPECT_EQ(this->store->head("a/b").error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(this->keys("").empty());
    // Repeating it is fine: done, or not found.
    const Status again = this->store->remove("a/b");
    EXPECT_TRUE(again || again.error().code == ErrorCode::kNotFound);
}

TYPED_TEST_P(ObjectStoreConformance, ListingsTellWhenAnObjectWasWritten) {
    ASSERT_TRUE(this->store->put("a/b", "x", false));
    const auto listed = this->store->list("a/", 10);
    ASSERT_TRUE(listed && listed->size() == 1);
    ASSERT_TRUE(listed->front().modified);
    EXPECT_GT(*listed->front().modified, WallTime{1'700'000'000'000'000});
}

TYPED_TEST_P(ObjectStoreConformance, GetRefusesMoreThanTheLimit) {
    ASSERT_TRUE(this->store->put("a", "12345", false));
    EXPECT_TRUE(this->store->get("a", 5));
    EXPECT_FALSE(this->store->get("a", 4));
}

TYPED_TEST_P(ObjectStoreConformance, HeadTellsSizeAndNoWrongChecksum) {
    const std::string data(3'000'000, 'x');
    ASSERT_TRUE(this->store->put("a", data, false));
    const auto info = this->store->head("a");
    ASSERT_TRUE(info);
    EXPECT_EQ(info->key, "a");
    EXPECT_EQ(info->size, Bytes{3'000'000});
    EXPECT_EQ(info->crc32c.value_or(crc32c(data)), crc32c(data));
    ASSERT_TRUE(this->store->put("a", "other", false));
    EXPECT_EQ(this->store->head("a")->crc32c.value_or(crc32c("other")), crc32c("other"));
}

TYPED_TEST_P(ObjectStoreConformance, ListsByPrefixInOrderUpToALimit) {
    for (const char* key : {"v1/b/2", "v1/b/1", "v1/a/1", "v1/bb/1", "w"})
        ASSERT_TRUE(this->store->put(key, "x", false));
    using Keys = std::vector<std::string>;
    EXPECT_EQ(this->keys(""), (Keys{"v1/a/1", "v1/b/1", "v1/b/2", "v1/bb/1", "w"}));
    EXPECT_EQ(this->keys("v1/b/"), (Keys{"v1/b/1", "v1/b/2"}));
    EXPECT_EQ(this->keys("v1/b"), (Keys{"v1/b/1", "v1/b/2", "v1/bb/1"}));
    EXPECT_EQ(this->keys("v1/", 2), (Keys{"v1/a/1", "v1/b/1"}));
    EXPECT_EQ(this->keys("no/such/"), Keys{});
    EXPECT_EQ(this->store->list("w", 10)->at(0).size, Bytes{1});
}

TYPED_TEST_P(ObjectStoreConformance, TextsThatAreNoKeysAreRefusedEverywhere) {
    const std::vector<std::string> bad{"",
                                       "/a",
                                       "a/",
                                       "a//b",
                                       "..",
                                       "a/../b",
                                       ".",
                                       "a/./b",
                                       "a b",
                                       "a\nb",
                                       "\xC3\xA4",
                                       "a?b",
                                       "a%2e",
                                       std::string("a\0b", 3),
                                       std::string(513, 'a')};
    for (const std::string& key : bad) {
        SCOPED_TRACE(key);
        EXPECT_EQ(this->store->put(key, "x", false).error().code, ErrorCode::kInvalid);
        EXPECT_EQ(this->store->get(key, 10).error().code, ErrorCode::kInvalid);
        EXPECT_EQ(this->store->head(key).error().code, ErrorCode::kInvalid);
        EXPECT_EQ(this->store->remove(key).error().code, ErrorCode::kInvalid);
        EXPECT_EQ(this->store->sign(UrlVerb::kGet, key, WallTime{1}).error().code,
                  ErrorCode::kInvalid);
    }
    EXPECT_TRUE(this->keys("").empty());
    EXPECT_TRUE(this->store->put("a..b/.hidden/A-Z_0.9", "x", false));
}

TYPED_TEST_P(ObjectStoreConformance, SignedUrlsDifferByVerbKeyAndExpiry) {
    const WallTime expires = this->place.now() + hours(1);
    const auto url = this->store->sign(UrlVerb::kPut, "v1/a", expires);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_TRUE(url->starts_with("http"));
    EXPECT_NE(url->find("v1/a"), std::string::npos);
    EXPECT_NE(*url, *this->store->sign(UrlVerb::kGet, "v1/a", expires));
    EXPECT_NE(*url, *this->store->sign(UrlVerb::kPut, "v1/b", expires));
    // URLs live for whole seconds, cut off.
    EXPECT_NE(*url, *this->store->sign(UrlVerb::kPut, "v1/a", expires + seconds(2)));
}

REGISTER_TYPED_TEST_SUITE_P(ObjectStoreConformance, WhatWasPutIsReadAfterReopening, PutReplaces,
                            PutIfAbsentKeepsWhatIsThere, OneOfManyPutsIfAbsentWins,
                            AbsentObjectIsNotFound, RemovedObjectIsGone, GetRefusesMoreThanTheLimit,
                            ListingsTellWhenAnObjectWasWritten, HeadTellsSizeAndNoWrongChecksum,
                            ListsByPrefixInOrderUpToALimit, TextsThatAreNoKeysAreRefusedEverywhere,
                            SignedUrlsDifferByVerbKeyAndExpiry);

}  // namespace herder
