#include "adapters/providers/vast/result_download.h"

#include <gtest/gtest.h>

#include "adapters/http/server.h"

namespace herder::vast {
namespace {

class ResultDownloadTest : public testing::Test {
  protected:
    Result<std::string> await(const std::vector<int>& statuses) {
        std::size_t next = 0;
        const Download download = [&](const std::string&, const http::CallOptions&) {
            http::Response response;
            response.status = statuses[std::min(next++, statuses.size() - 1)];
            response.body = "line\n";
            return http::CallResult(response);
        };
        auto result = await_result(download, [this](Duration d) { slept_ = slept_ + d; }, "u");
        calls_ = next;
        return result;
    }

    std::size_t calls_ = 0;
    Duration slept_;
};

TEST_F(ResultDownloadTest, AsksUntilTheTextIsThere) {
    EXPECT_EQ(await({403, 404, 503, 200}).value(), "line\n");
    EXPECT_EQ(calls_, 4U);
    EXPECT_EQ(slept_, milliseconds(900));
}

TEST_F(ResultDownloadTest, GivesUpAfterThirtyTries) {
    EXPECT_EQ(await({403}).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(calls_, 30U);
}

TEST_F(ResultDownloadTest, AnAnswerThatWillNotChangeEndsIt) {
    EXPECT_EQ(await({301}).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(calls_, 1U);
}

TEST_F(ResultDownloadTest, TheKeyStaysHereAndOnlySafeAddressesAreAsked) {
    std::string seen = "nothing";
    auto server = http::Server::start({}, [&](http::Request request, http::Responder responder) {
        seen = request.bearer_token().value_or("none");
        responder.respond(http::make_response(200, "text/plain", "hello\n"));
    });
    ASSERT_TRUE(server.has_value());
    const std::string url = (*server)->url();
    const auto answer = make_download(url)(url + "/x.log", {});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "hello\n");
    EXPECT_EQ(seen, "none");
    seen = "nothing";
    const auto elsewhere = make_download("https://console.vast.ai")(url + "/x.log", {});
    EXPECT_EQ(elsewhere.error().error.code, ErrorCode::kForbidden);
    EXPECT_EQ(make_download(url)("file:///etc/passwd", {}).error().error.code,
              ErrorCode::kForbidden);
    EXPECT_EQ(seen, "nothing");
}

}  // namespace
}  // namespace herder::vast
