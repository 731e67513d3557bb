#pragma once
// The contract of MultipartUploads (ports/object_store.h) as a typed test suite, for stores that
// have it. A place offers, beside what object_store_conformance.h asks for:
//
//   int put(const std::string& url, const std::string& body);   // the status of the answer
//   std::size_t part_size;                                      // of all parts but the last
//   static std::string part_mark(int number);   // what tells a part in its URL; may be missing
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "ports/object_store.h"

namespace herder {

template <class Place>
class MultipartConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        store = place.open();
        ASSERT_NE(store, nullptr);
        uploads = store->multipart();
        ASSERT_NE(uploads, nullptr);
    }
    PendingUpload start(const std::string& key) {
        const auto upload = uploads->create(key);
        EXPECT_TRUE(upload) << upload.error().message;
        return {key, upload.value_or(""), {}};
    }
    int send(const PendingUpload& upload, int number, const std::string& body) {
        const auto url = sign(upload, number, body);
        return url.empty() ? 0 : put(url, body);
    }
    std::string sign(const PendingUpload& upload, int number, const std::string& body) {
        const auto url =
            uploads->sign_part(upload, number, Bytes{static_cast<std::int64_t>(body.size())},
                               crc32c(body), place.now() + hours(1));
        EXPECT_TRUE(url) << url.error().message;
        return url.value_or("");
    }
    int put(const std::string& url, const std::string& body) {
        if (!uploads->limits().is_checked) return place.put(url, body);
        return place.put(url, body, uploads->part_headers(crc32c(body)));
    }
    std::vector<UploadPart> parts(const PendingUpload& upload) {
        const auto listed = uploads->parts(upload);
        EXPECT_TRUE(listed) << listed.error().message;
        return listed.value_or(std::vector<UploadPart>{});
    }
    static std::string part_mark(int number) {
        if constexpr (requires { Place::part_mark(number); })
            return Place::part_mark(number);
        else
            return "partNumber=" + std::to_string(number);
    }
    std::string full(char letter) const { return std::string(place.part_size, letter); }
    std::size_t pending(const std::string& prefix, std::size_t limit = 100) {
        const auto listed = uploads->pending(prefix, limit);
        EXPECT_TRUE(listed) << listed.error().message;
        return listed ? listed->size() : 0;
    }

    Place place;
    std::unique_ptr<ObjectStore> store;
    MultipartUploads* uploads = nullptr;
};
TYPED_TEST_SUITE_P(MultipartConformance);

TYPED_TEST_P(MultipartConformance, PartsInAnyOrderBecomeTheObject) {
    const PendingUpload upload = this->start("v1/a");
    EXPECT_EQ(this->send(upload, 2, "the end"), 200);
    EXPECT_EQ(this->send(upload, 1, this->full('x')), 200);
    EXPECT_EQ(this->store->head("v1/a").error().code, ErrorCode::kNotFound);
    const auto parts = this->parts(upload);
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].number, 1);
    EXPECT_EQ(parts[1].size, Bytes{7});
    const Status done = this->uploads->complete(upload, parts);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(*this->store->get("v1/a", 100'000'000), this->full('x') + "the end");
    EXPECT_EQ(this->pending(""), 0U);
}

TYPED_TEST_P(MultipartConformance, APartSentAgainReplacesTheFirst) {
    const PendingUpload upload = this->start("a");
    EXPECT_EQ(this->send(upload, 1, "first"), 200);
    EXPECT_EQ(this->send(upload, 1, "second"), 200);
    const auto parts = this->parts(upload);
    ASSERT_EQ(parts.size(), 1U);
    ASSERT_TRUE(this->uploads->complete(upload, parts));
    EXPECT_EQ(*this->store->get("a", 100), "second");
}

// Some stores know an upload no more that was completed.
TYPED_TEST_P(MultipartConformance, RepeatedCompleteIsFine) {
    const PendingUpload upload = this->start("a");
    this->send(upload, 1, "text");
    const auto parts = this->parts(upload);
    ASSERT_TRUE(this->uploads->complete(upload, parts));
    const Status again = this->uploads->complete(upload, parts);
    EXPECT_TRUE(again || again.error().code == ErrorCode::kNotFound) << again.error().message;
    EXPECT_EQ(*this->store->get("a", 100), "text");
}

TYPED_TEST_P(MultipartConformance, ManyPartsAreListedInOrder) {
    const PendingUpload upload = this->start("many");
    for (const int number : {7, 3, 1, 5, 2, 4, 6})
        EXPECT_EQ(this->send(upload, number, "p" + std::to_string(number)), 200);
    std::string order;
    for (const UploadPart& part : this->parts(upload))
        order += std::to_string(part.number);
    EXPECT_EQ(order, "1234567");
    EXPECT_TRUE(this->uploads->abort(upload));
}

TYPED_TEST_P(MultipartConformance, WrongPartListIsRefused) {
    const PendingUpload upload = this->start("a");
    this->send(upload, 1, "text");
    auto parts = this->parts(upload);
    parts[0].etag = std::string(32, '0');
    EXPECT_EQ(this->uploads->complete(upload, parts).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(this->store->head("a").error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(this->uploads->abort(upload));
}

TYPED_TEST_P(MultipartConformance, AbortedUploadsTakeNothingMore) {
    const PendingUpload upload = this->start("a");
    const std::string url = this->sign(upload, 1, "late");
    EXPECT_TRUE(this->uploads->abort(upload));
    EXPECT_EQ(this->put(url, "late"), 404);
    EXPECT_EQ(this->uploads->parts(upload).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(this->uploads->abort(upload).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(
        this->uploads->complete(upload, {{1, Bytes{4}, std::string(32, '0'), {}}}).error().code,
        ErrorCode::kNotFound);
    EXPECT_EQ(this->store->head("a").error().code, ErrorCode::kNotFound);
}

TYPED_TEST_P(MultipartConformance, PendingUploadsAreListedByPrefix) {
    const PendingUpload one = this->start("v1/a/1");
    const PendingUpload two = this->start("v1/a/2");
    const PendingUpload three = this->start("v1/b/1");
    EXPECT_EQ(this->pending("v1/a/"), 2U);
    EXPECT_EQ(this->pending("v1/"), 3U);
    EXPECT_EQ(this->pending("v1/", 2), 2U);
    const auto listed = this->uploads->pending("v1/b/", 10);
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->at(0).key, "v1/b/1");
    EXPECT_EQ(listed->at(0).upload, three.upload);
    EXPECT_GT(listed->at(0).started, WallTime{1'500'000'000'000'000});
    for (const PendingUpload& upload : {one, two, three})
        EXPECT_TRUE(this->uploads->abort(upload));
    EXPECT_EQ(this->pending(""), 0U);
}

TYPED_TEST_P(MultipartConformance, UrlsOfPartsAreForThatPartAlone) {
    const PendingUpload upload = this->start("a");
    std::string other = this->sign(upload, 1, "text");
    const std::string mark = this->part_mark(1);
    const std::size_t at = other.find(mark);
    ASSERT_NE(at, std::string::npos);
    other.replace(at, mark.size(), this->part_mark(2));
    EXPECT_EQ(this->put(other, "text"), 403);
    EXPECT_TRUE(this->parts(upload).empty());
    EXPECT_TRUE(this->uploads->abort(upload));
}

TYPED_TEST_P(MultipartConformance, TextsThatAreNoKeysAreRefused) {
    for (const char* key : {"", "/a", "a/../b", "a b"}) {
        EXPECT_EQ(this->uploads->create(key).error().code, ErrorCode::kInvalid);
        EXPECT_EQ(this->uploads->abort({key, "x", {}}).error().code, ErrorCode::kInvalid);
        EXPECT_EQ(this->uploads->parts({key, "x", {}}).error().code, ErrorCode::kInvalid);
    }
}

// Outputs of a job are written over by its next attempt. Who completes them relies on one of both.
TYPED_TEST_P(MultipartConformance, AnObjectTellsWhatMadeIt) {
    const auto upload = this->uploads->create_marked("marked", "2-70-1234567");
    ASSERT_TRUE(upload) << upload.error().message;
    const PendingUpload pending{"marked", *upload, {}};
    ASSERT_EQ(this->send(pending, 1, "tail"), 200);
    ASSERT_TRUE(this->uploads->complete(pending, this->parts(pending)));
    const auto info = this->store->head("marked");
    ASSERT_TRUE(info);
    EXPECT_TRUE(info->made_by == *upload || info->made_by == "2-70-1234567") << info->made_by;
    ASSERT_TRUE(this->store->put("plain", "text", false));
    EXPECT_EQ(this->store->head("plain")->made_by, "");
}

TYPED_TEST_P(MultipartConformance, WhatIsAtTheKeyIsReplacedOrAConflict) {
    ASSERT_TRUE(this->store->put("v1/a", "of an attempt before", false));
    const PendingUpload upload = this->start("v1/a");
    EXPECT_EQ(this->send(upload, 1, "text"), 200);
    Status done = this->uploads->complete(upload, this->parts(upload));
    if (!done) {
        EXPECT_EQ(done.error().code, ErrorCode::kConflict) << done.error().message;
        EXPECT_EQ(*this->store->get("v1/a", 100), "of an attempt before");
        ASSERT_TRUE(this->store->remove("v1/a"));
        done = this->uploads->complete(upload, this->parts(upload));
    }
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_EQ(*this->store->get("v1/a", 100), "text");
    EXPECT_EQ(this->pending(""), 0U);
}

REGISTER_TYPED_TEST_SUITE_P(MultipartConformance, PartsInAnyOrderBecomeTheObject,
                            APartSentAgainReplacesTheFirst, RepeatedCompleteIsFine,
                            ManyPartsAreListedInOrder, WrongPartListIsRefused,
                            AbortedUploadsTakeNothingMore, PendingUploadsAreListedByPrefix,
                            UrlsOfPartsAreForThatPartAlone, TextsThatAreNoKeysAreRefused,
                            AnObjectTellsWhatMadeIt, WhatIsAtTheKeyIsReplacedOrAConflict);

}  // namespace herder
