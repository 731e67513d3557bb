// The S3 store against a real server: HERDER_TEST_S3 is "s3://bucket?endpoint=http://...", the keys
// are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. tests/rgw/run.py starts a Ceph RGW and runs
// it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>

#include "tests/conformance/multipart_conformance.h"
#include "tests/conformance/object_store_conformance.h"
#include "tests/conformance/s3_place.h"

namespace herder {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

s3::ClientSettings real_settings(const std::string& prefix) {
    std::string text = variable("HERDER_TEST_S3");
    text.insert(std::min(text.find('?'), text.size()), prefix);
    return s3::settings_for(text, variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
}

// Every test has a prefix of its own, so that each place is empty.
struct RealPlace {
    std::unique_ptr<ObjectStore> open() { return s3::open_probed(real_settings(prefix), clock); }
    WallTime now() const { return clock.wall(); }
    int put(const std::string& url, const std::string& body,
            const std::map<std::string, std::string>& headers = {}) {
        return s3::put_url(url, body, headers);
    }

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

TEST(RealBucket, TellsWhatItCanDo) {
    SystemClock clock;
    const auto client = s3::S3Client::open(real_settings("/probe"), clock);
    ASSERT_TRUE(client) << client.error().message;
    const auto report = s3::probe_store(**client, clock);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->is_usable());
    // For the table of differences in docs/storage.md.
    for (const remote::ProbeCheck& check : report->checks)
        std::cout << "probe: " << check.name << ": " << check.detail << '\n';
}

}  // namespace
}  // namespace herder
