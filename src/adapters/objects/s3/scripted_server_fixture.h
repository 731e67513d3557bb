#pragma once
// A client of a bucket at a scripted server.
#include <memory>
#include <string>
#include <vector>

#include "adapters/objects/remote/scripted_server_fixture.h"
#include "adapters/objects/s3/s3_client.h"

namespace herder::s3 {

using remote::answer;
using remote::FixedClock;
using remote::refusal;
using remote::ScriptedServer;

struct S3Fixture : ::testing::Test {
    ScriptedServer server;
    FixedClock clock;
    std::vector<Duration> waits;

    std::unique_ptr<S3Client> open(const std::string& options = "&region=here") {
        ClientSettings settings;
        settings.location = *parse_location("s3://bucket/pre?endpoint=" + server.url() + options);
        settings.credentials = []() -> Result<Credentials> {
            return Credentials{"id", "secret", "", {}};
        };
        settings.wait = [this](Duration d) { waits.push_back(d); };
        settings.tries = 4;
        auto client = S3Client::open(std::move(settings), clock);
        EXPECT_TRUE(client) << client.error().message;
        return client ? std::move(*client) : nullptr;
    }
};

}  // namespace herder::s3
