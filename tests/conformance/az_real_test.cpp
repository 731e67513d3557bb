// The Azure store against a real server: HERDER_TEST_AZ is "az://account/container?endpoint=...",
// AZURE_STORAGE_KEY the account's key. tests/azurite/run.py starts an Azurite and runs it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>

#include "tests/conformance/azure_place.h"
#include "tests/conformance/multipart_conformance.h"
#include "tests/conformance/object_store_conformance.h"

namespace herder {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

// Every test has a prefix of its own, so that each place is empty.
struct RealPlace {
    std::unique_ptr<az::AzureObjectStore> open_azure() {
        std::string text = variable("HERDER_TEST_AZ");
        text.insert(std::min(text.find('?'), text.size()), prefix);
        return std::make_unique<az::AzureObjectStore>(
            az::open_client(text, variable("AZURE_STORAGE_KEY"), clock), clock);
    }
    std::unique_ptr<ObjectStore> open() { return open_azure(); }
    WallTime now() const { return clock.wall(); }
    int put(const std::string& url, const std::string& body,
            const std::map<std::string, std::string>& headers = {}) {
        return az::put_url(url, body, headers);
    }
    static std::string part_mark(int number) { return az::part_mark(number); }

    static std::string next_prefix() {
        static std::atomic<int> number{0};
        return "/test-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
    }
    SystemClock clock;
    std::string prefix = next_prefix();
    std::size_t part_size = 5 << 20;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Real, ObjectStoreConformance, RealPlace);
INSTANTIATE_TYPED_TEST_SUITE_P(Real, MultipartConformance, RealPlace);

TEST(RealAccount, TellsWhatItCanDo) {
    RealPlace place;
    const auto store = place.open_azure();
    const auto report = az::probe_store(*store, place.clock);
    ASSERT_TRUE(report) << report.error().message;
    for (const remote::ProbeCheck& check : report->checks)
        std::cout << "probe: " << check.name << ": " << check.detail << '\n';
    EXPECT_TRUE(report->is_usable());
}

// The SAS of a part may commit blocks, but of that part alone.
TEST(RealAccount, MachinesCannotWriteTheObjectOfAnUpload) {
    RealPlace place;
    const auto store = place.open();
    MultipartUploads& uploads = *store->multipart();
    const PendingUpload upload{"k", *uploads.create("k"), {}};
    const auto url = uploads.sign_part(upload, 1, Bytes{4}, {}, place.now() + hours(1));
    ASSERT_TRUE(url) << url.error().message;
    const auto object = store->sign(UrlVerb::kGet, "k", place.now() + hours(1));
    const std::string other = object->substr(0, object->find('?')) + url->substr(url->find('?'));
    EXPECT_EQ(place.put(*url, "text"), 200);
    EXPECT_NE(place.put(other, "text"), 200);
    EXPECT_TRUE(uploads.abort(upload));
}

}  // namespace
}  // namespace herder
