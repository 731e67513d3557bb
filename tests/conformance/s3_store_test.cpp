// The S3 store against s3d: the contract of every store, and what only a server with faults shows.
#include <gtest/gtest.h>

#include <thread>

#include "adapters/objects/s3/s3_bucket_reader.h"
#include "s3d/server.h"
#include "tests/conformance/bucket_conformance.h"
#include "tests/conformance/multipart_conformance.h"
#include "tests/conformance/object_store_conformance.h"
#include "tests/conformance/s3_place.h"

namespace herder {
namespace {

using s3::open_probed;
using s3::put_url;
using s3::S3Client;
using s3::S3ObjectStore;
using s3::settings_for;

struct S3dPlace {
    explicit S3dPlace(s3d::Quirks quirks = {}) {
        s3d::ServerOptions options;
        options.buckets = {"bucket"};
        options.keys = {{"id", {"secret", "token"}}};
        options.region = "eu-test-1";  // found by the client
        options.page_size = 3;
        options.quirks = quirks;
        server = *s3d::Server::start(std::move(options));
    }
    std::unique_ptr<ObjectStore> open(const http::CancelToken* cancel = nullptr) {
        auto settings = settings_for("s3://bucket/some/prefix?endpoint=" + server->url(), "id",
                                     "secret", "token");
        settings.cancel = cancel;
        return open_probed(std::move(settings), clock);
    }
    WallTime now() const { return clock.wall(); }
    int put(const std::string& url, const std::string& body,
            const std::map<std::string, std::string>& headers = {}) {
        return put_url(url, body, headers);
    }

    SystemClock clock;
    std::unique_ptr<s3d::Server> server;
    std::size_t part_size = 5 << 20;
};

// As Backblaze B2 and Ceph's older releases are: no conditions, no checksums, nothing repeated.
struct PoorPlace : S3dPlace {
    static s3d::Quirks quirks() {
        s3d::Quirks quirks;
        quirks.conditional_put = s3d::Support::kRefused;
        quirks.conditional_complete = s3d::Support::kIgnored;
        quirks.checksums = s3d::Support::kRefused;
        quirks.forgets_completed = true;
        quirks.signs_length = false;
        return quirks;
    }
    PoorPlace() : S3dPlace(quirks()) {}
};

TEST(S3Store, UsersObjectsAreReadOnlyWhileTheyAreTheSame) {
    S3dPlace place;
    auto client = S3Client::open(
        settings_for("s3://bucket?endpoint=" + place.server->url(), "id", "secret", "token"),
        place.clock);
    ASSERT_TRUE(client) << client.error().message;
    s3::S3BucketReader reader(std::move(*client));
    expect_read_while_the_same(reader, "s3://bucket/some/prefix/d/", *place.open());
}

INSTANTIATE_TYPED_TEST_SUITE_P(S3d, ObjectStoreConformance, S3dPlace);
INSTANTIATE_TYPED_TEST_SUITE_P(S3d, MultipartConformance, S3dPlace);
INSTANTIATE_TYPED_TEST_SUITE_P(Poor, ObjectStoreConformance, PoorPlace);
INSTANTIATE_TYPED_TEST_SUITE_P(Poor, MultipartConformance, PoorPlace);

TEST(S3Faults, AreRiddenOut) {
    S3dPlace place;
    const auto store = place.open();
    ASSERT_NE(store, nullptr);
    place.server->set_faults({*s3d::parse_fault("status=503 every=2")});
    ASSERT_TRUE(store->put("a", "text", true));
    EXPECT_EQ(*store->get("a", 100), "text");
    place.server->set_faults({*s3d::parse_fault("reset_at=2 on=GetObject times=1")});
    EXPECT_EQ(*store->get("a", 100), "text");
    place.server->set_faults({*s3d::parse_fault("short_at=2 on=GetObject times=1")});
    EXPECT_EQ(*store->get("a", 100), "text");
    place.server->set_faults({*s3d::parse_fault("lose_reply on=PutObject times=1")});
    const Status put = store->put("b", "text", true);
    EXPECT_TRUE(put) << put.error().message;
    place.server->set_faults({});
    ASSERT_TRUE(store->put("c", "other", true));
    place.server->set_faults({*s3d::parse_fault("lose_reply on=PutObject times=1")});
    EXPECT_EQ(store->put("c", "mine", true).error().code, ErrorCode::kConflict);
    EXPECT_EQ(*store->get("c", 100), "other");
}

// "text" as the first part, whatever `as` says of it.
int put_text(S3dPlace& place, MultipartUploads& uploads, const PendingUpload& upload,
             const std::string& as = "text") {
    const auto url = uploads.sign_part(upload, 1, Bytes{4}, crc32c(as), place.now() + hours(1));
    return place.put(*url, "text", uploads.part_headers(crc32c(as)));
}

TEST(S3Faults, CompleteIsBelievedOnlyWhenItSaysSo) {
    S3dPlace place;
    const auto store = place.open();
    ASSERT_NE(store, nullptr);
    MultipartUploads& uploads = *store->multipart();
    for (const char* fault : {"complete_error on=CompleteMultipartUpload times=1",
                              "lose_reply on=CompleteMultipartUpload times=1"}) {
        const PendingUpload upload{"k", *uploads.create("k"), {}};
        ASSERT_EQ(put_text(place, uploads, upload), 200);
        place.server->set_faults({*s3d::parse_fault(fault)});
        const Status done = uploads.complete(upload, *uploads.parts(upload));
        EXPECT_TRUE(done) << fault << ": " << done.error().message;
        EXPECT_EQ(*store->get("k", 100), "text");
        ASSERT_TRUE(store->remove("k"));
    }
    place.server->set_faults({*s3d::parse_fault("complete_error")});
    const PendingUpload upload{"k", *uploads.create("k"), {}};
    put_text(place, uploads, upload);
    EXPECT_FALSE(uploads.complete(upload, *uploads.parts(upload)));
    EXPECT_EQ(store->head("k").error().code, ErrorCode::kNotFound);
}

TEST(S3Faults, WhoeverEndsDoesNotWaitForAStoreThatHangs) {
    S3dPlace place;
    http::CancelToken cancel;
    const auto store = place.open(&cancel);
    ASSERT_NE(store, nullptr);
    MultipartUploads& uploads = *store->multipart();
    const PendingUpload upload{"k", *uploads.create("k"), {}};
    ASSERT_EQ(put_text(place, uploads, upload), 200);
    const auto parts = uploads.parts(upload);
    place.server->set_faults({*s3d::parse_fault("stall_reply on=CompleteMultipartUpload times=1")});
    std::thread stopping([&] {
        while (place.server->records().back().operation != "CompleteMultipartUpload")
            place.clock.sleep(milliseconds(1));
        cancel.cancel();
    });
    const Status done = uploads.complete(upload, *parts);
    stopping.join();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kUnavailable) << "nothing is known of the object";
    EXPECT_EQ(*place.open()->get("k", 100), "text");
}

TEST(S3Faults, AWrongClockIsCorrected) {
    S3dPlace place;
    place.server->set_skew(hours(1));
    const auto store = place.open();
    ASSERT_NE(store, nullptr);
    ASSERT_TRUE(store->put("a", "text", false));
    ASSERT_TRUE(store->told_now());
    const Duration ahead = *store->told_now() - place.now();
    EXPECT_LT(minutes(59), ahead);
    EXPECT_LT(ahead, minutes(61));
    const auto url = store->sign(UrlVerb::kPut, "b", place.now() + hours(1));
    ASSERT_TRUE(url);
    EXPECT_EQ(place.put(*url, "signed by a machine with another time"), 200);
}

TEST(S3Urls, LetTheirHolderDoOneThingOnly) {
    S3dPlace place;
    const auto store = place.open();
    ASSERT_NE(store, nullptr);
    const auto url = store->sign(UrlVerb::kPut, "a", place.now() + hours(1));
    ASSERT_TRUE(url);
    EXPECT_EQ(url->find("secret"), std::string::npos);
    EXPECT_EQ(place.put(*url, "text"), 200);
    std::string other = *url;
    other.replace(other.find("/a?"), 3, "/b?");
    EXPECT_EQ(place.put(other, "text"), 403);
    const auto reading = store->sign(UrlVerb::kGet, "a", place.now() + hours(1));
    EXPECT_EQ(place.put(*reading, "changed"), 403);
    EXPECT_EQ(*store->get("a", 100), "text");
}

TEST(S3Urls, OfPartsTakeExactlyTheSignedLength) {
    S3dPlace place;
    const auto store = place.open();
    ASSERT_NE(store, nullptr);
    MultipartUploads& uploads = *store->multipart();
    const PendingUpload upload{"k", *uploads.create("k"), {}};
    const auto headers = uploads.part_headers(crc32c("four"));
    const auto url = uploads.sign_part(upload, 1, Bytes{4}, crc32c("four"), place.now() + hours(1));
    EXPECT_EQ(place.put(*url, "five5", headers), 403);
    EXPECT_EQ(place.put(*url, "four", headers), 200);
}

TEST(S3Urls, OfPartsTakeExactlyTheSignedContent) {
    S3dPlace place;
    const auto store = place.open();
    ASSERT_NE(store, nullptr);
    MultipartUploads& uploads = *store->multipart();
    ASSERT_TRUE(uploads.limits().is_checked);
    const PendingUpload upload{"k", *uploads.create("k"), {}};
    EXPECT_FALSE(uploads.sign_part(upload, 1, Bytes{4}, {}, place.now() + hours(1)));
    EXPECT_EQ(put_text(place, uploads, upload, "tixt"), 400);
    EXPECT_TRUE(uploads.parts(upload)->empty());
    EXPECT_EQ(put_text(place, uploads, upload), 200);
    EXPECT_EQ(uploads.parts(upload)->front().crc32c, crc32c("text"));
    const auto bare =
        uploads.sign_part(upload, 1, Bytes{4}, crc32c("text"), place.now() + hours(1));
    EXPECT_EQ(place.put(*bare, "text"), 403);
}

TEST(S3Store, FarListingsArePutTogetherFromPages) {
    S3dPlace place;
    const auto store = place.open();
    ASSERT_NE(store, nullptr);
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(store->put("k/" + std::to_string(100 + i), "x", false));
    EXPECT_EQ(store->list("k/", 1000)->size(), 20U);
    EXPECT_EQ(store->list("k/", 7)->size(), 7U);
}

TEST(S3Errors, SayWhatToDo) {
    S3dPlace place;
    const auto message = [&](const std::string& location, const std::string& key,
                             const std::string& secret) {
        auto settings = settings_for(location, key, secret, "token");
        settings.tries = 1;
        settings.location.region = "eu-test-1";
        const auto client = S3Client::open(settings, place.clock);
        if (!client) return client.error();
        S3ObjectStore store(S3Client::open(settings, place.clock).value(), {}, place.clock);
        const auto got = store.get("a", 10);
        return got ? Error{} : got.error();
    };
    const std::string here = "?endpoint=" + place.server->url();
    EXPECT_EQ(message("s3://nobucket" + here, "id", "secret").code, ErrorCode::kNotFound);
    EXPECT_NE(message("s3://nobucket" + here, "id", "secret").message.find("create it"),
              std::string::npos);
    EXPECT_FALSE(message("s3://bucket" + here, "id", "wrong").message.empty());
    EXPECT_EQ(message("s3://bucket?endpoint=http://127.0.0.1:1", "id", "secret").code,
              ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace herder
