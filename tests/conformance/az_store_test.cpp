// The Azure store against a fake account that checks signatures by its own reading of the
// specification: the contract of every store, and what only a server with faults shows.
#include <gtest/gtest.h>

#include "adapters/objects/az/azure_bucket_reader.h"
#include "tests/conformance/azure_place.h"
#include "tests/conformance/bucket_conformance.h"
#include "tests/conformance/fake_azure.h"
#include "tests/conformance/multipart_conformance.h"
#include "tests/conformance/object_store_conformance.h"

namespace herder {
namespace {

struct AzurePlace {
    explicit AzurePlace(bool copies = true)
        : server(std::make_unique<az::FakeAzure>("account1", copies)) {}
    std::unique_ptr<az::AzureObjectStore> open_azure() {
        return std::make_unique<az::AzureObjectStore>(
            az::open_client("az://account1/box/some/prefix?endpoint=" + server->url(),
                            server->key_text(), clock),
            clock);
    }
    std::unique_ptr<ObjectStore> open() { return open_azure(); }
    WallTime now() const { return clock.wall(); }
    int put(const std::string& url, const std::string& body,
            const std::map<std::string, std::string>& headers = {}) {
        return az::put_url(url, body, headers);
    }
    static std::string part_mark(int number) { return az::part_mark(number); }

    SystemClock clock;
    std::unique_ptr<az::FakeAzure> server;
    std::size_t part_size = 1 << 20;
};

// As Azurite is: parts go through the server.
struct PlainPlace : AzurePlace {
    PlainPlace() : AzurePlace(false) {}
};

INSTANTIATE_TYPED_TEST_SUITE_P(Azure, ObjectStoreConformance, AzurePlace);
INSTANTIATE_TYPED_TEST_SUITE_P(Azure, MultipartConformance, AzurePlace);
INSTANTIATE_TYPED_TEST_SUITE_P(AzurePlain, MultipartConformance, PlainPlace);

TEST(AzureStore, ProbesWhatAzureDoes) {
    AzurePlace place;
    const auto store = place.open_azure();
    const auto report = az::probe_store(*store, place.clock);
    ASSERT_TRUE(report) << report.error().message;
    for (const remote::ProbeCheck& check : report->checks)
        EXPECT_NE(check.verdict, remote::Verdict::kBroken) << check.name << ": " << check.detail;
    EXPECT_TRUE(report->is_usable());
    EXPECT_TRUE(report->abilities.multipart);
    EXPECT_EQ(report->abilities.put_if_absent, remote::PutIfAbsent::kHeader);
    EXPECT_FALSE(report->abilities.part_checksums);
    EXPECT_TRUE(store->list("", 10)->empty());
    EXPECT_EQ(place.server->containers(), 1U);
}

TEST(AzureStore, UsersBlobsAreReadOnlyWhileTheyAreTheSame) {
    AzurePlace place;
    az::AzureBucketReader reader(
        az::open_client("az://account1/box?endpoint=" + place.server->url(),
                        place.server->key_text(), place.clock));
    expect_read_while_the_same(reader, "az://account1/box/some/prefix/d/", *place.open());
}

// A SAS that may write blocks may commit them as well: so machines get none for the object.
TEST(AzureStore, MachinesGetNoSignatureForTheObjectOfAnUpload) {
    AzurePlace place;
    const auto store = place.open();
    MultipartUploads& uploads = *store->multipart();
    const PendingUpload upload{"k", *uploads.create("k"), {}};
    const auto url = uploads.sign_part(upload, 1, Bytes{4}, {}, place.now() + hours(1));
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(place.put(*url, "text"), 200);
    // Whatever its holder does with it, the object is made by the server alone.
    const std::string list = "<BlockList></BlockList>";
    std::string commit = *url;
    commit.insert(commit.find('?') + 1, "comp=blocklist&");
    EXPECT_EQ(place.put(commit, list), 200);
    EXPECT_EQ(store->head("k").error().code, ErrorCode::kNotFound);
    std::string other = *url;
    other.replace(other.find(upload.upload), upload.upload.size() + 6, "box/some/prefix/k");
    EXPECT_EQ(place.put(other, "text"), 403);
}

TEST(AzureStore, LateChangesOfAPartAreNotCompleted) {
    AzurePlace place;
    const auto store = place.open();
    MultipartUploads& uploads = *store->multipart();
    const PendingUpload upload{"k", *uploads.create("k"), {}};
    const auto url = uploads.sign_part(upload, 1, Bytes{4}, {}, place.now() + hours(1));
    EXPECT_EQ(place.put(*url, "text"), 200);
    const auto parts = uploads.parts(upload);
    EXPECT_EQ(place.put(*url, "evil"), 200);
    EXPECT_EQ(uploads.complete(upload, *parts).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(store->head("k").error().code, ErrorCode::kNotFound);
}

TEST(AzureStore, LostAnswersAreRiddenOut) {
    AzurePlace place;
    const auto store = place.open();
    MultipartUploads& uploads = *store->multipart();
    place.server->lose_answer(0);
    const Status put = store->put("a", "text", true);
    EXPECT_TRUE(put) << put.error().message;
    // Of a completion each request in turn: list, look, copy, commit, remove.
    for (int after = 0; after < 5; ++after) {
        SCOPED_TRACE(after);
        const std::string key = "k" + std::to_string(after);
        if (after == 0) place.server->lose_answer(0);
        const auto id = uploads.create(key);
        ASSERT_TRUE(id) << id.error().message;
        const PendingUpload upload{key, *id, {}};
        const auto url = uploads.sign_part(upload, 1, Bytes{4}, {}, place.now() + hours(1));
        EXPECT_EQ(place.put(*url, "text"), 200);
        const auto parts = uploads.parts(upload);
        place.server->lose_answer(after);
        const Status done = uploads.complete(upload, *parts);
        EXPECT_TRUE(done) << done.error().message;
        EXPECT_EQ(*store->get(key, 100), "text");
    }
    const PendingUpload gone{"j", *uploads.create("j"), {}};
    place.server->lose_answer(0);
    EXPECT_TRUE(uploads.abort(gone));
    EXPECT_EQ(place.server->containers(), 1U);
}

TEST(AzureStore, ContainersOfOthersAreLeftAlone) {
    AzurePlace place;
    const auto store = place.open();
    MultipartUploads& uploads = *store->multipart();
    EXPECT_EQ(uploads.abort({"k", "box", {}}).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(uploads.parts({"k", "box", {}}).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(place.server->containers(), 1U);
}

TEST(AzureErrors, SayWhatToDo) {
    AzurePlace place;
    const auto check = [&](const std::string& container, const std::string& key) {
        const auto client = az::open_client(
            "az://account1/" + container + "?endpoint=" + place.server->url(), key, place.clock);
        const Status done = client->check();
        return done ? Error{} : done.error();
    };
    EXPECT_NE(check("nobox", place.server->key_text()).message.find("create it"),
              std::string::npos);
    const Error wrong = check("box", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    EXPECT_EQ(wrong.code, ErrorCode::kUnauthenticated);
    EXPECT_NE(wrong.message.find("not one of the account account1"), std::string::npos);
}

}  // namespace
}  // namespace herder
