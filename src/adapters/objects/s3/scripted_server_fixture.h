#pragma once
// A server for tests that answers what it was told to, in order, and keeps what it was asked. The
// last answer repeats. What S3 itself would say is for tests/conformance, against s3d.
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/http/server.h"
#include "adapters/objects/s3/s3_client.h"

namespace herder::s3 {

class FixedClock : public Clock {
  public:
    WallTime time{1'369'353'600'000'000};  // 2013-05-24
    Instant monotonic() const override { return {time.us}; }
    WallTime wall() const override { return time; }
};

class ScriptedServer {
  public:
    ScriptedServer() {
        server_ =
            *http::Server::start({}, [this](http::Request request, http::Responder responder) {
                http::Response response;
                {
                    const std::lock_guard lock(mutex_);
                    asked_.push_back(std::move(request));
                    if (!answers_.empty()) response = answers_.front();
                    if (answers_.size() > 1) answers_.pop_front();
                }
                responder.respond(std::move(response));
            });
    }
    void will_answer(std::vector<http::Response> answers) {
        const std::lock_guard lock(mutex_);
        answers_.assign(answers.begin(), answers.end());
        asked_.clear();
    }
    std::vector<http::Request> asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    std::string url() const { return server_->url(); }

  private:
    mutable std::mutex mutex_;
    std::deque<http::Response> answers_;  // guarded by mutex_, like all below
    std::vector<http::Request> asked_;
    std::unique_ptr<http::Server> server_;
};

inline http::Response answer(int status, std::string body = "", http::Headers headers = {}) {
    return {status, std::move(headers), std::move(body), ""};
}
inline http::Response refusal(int status, const std::string& code, http::Headers headers = {}) {
    return answer(status, "<Error><Code>" + code + "</Code><Message>m</Message></Error>",
                  std::move(headers));
}

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
