#include "vastsim/webhook_sender.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>

#include "adapters/http/server.h"

namespace herder::vastsim {
namespace {

TEST(WebhookSender, PostsAndTellsTheStatus) {
    std::promise<std::string> received;
    auto server = http::Server::start({}, [&](http::Request request, http::Responder responder) {
        received.set_value(request.method + " " + request.target + " " + request.body);
        responder.respond(http::make_response(204, "text/plain", ""));
    });
    ASSERT_TRUE(server);
    WebhookSender sender;
    sender.send({{7, (*server)->url() + "/hook", "{}", {{"X-Vast-Event-Id", "e"}}},
                 {8, "http://127.0.0.1:1/", "{}", {}}});
    EXPECT_EQ(received.get_future().get(), "POST /hook {}");
    std::vector<std::pair<std::uint64_t, int>> results;
    for (int i = 0; i < 6000 && results.size() < 2; ++i) {
        for (const auto& one : sender.take_results())
            results.push_back(one);
        poll(nullptr, 0, 10);
    }
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0], (std::pair<std::uint64_t, int>{7, 204}));
    EXPECT_EQ(results[1], (std::pair<std::uint64_t, int>{8, 0})) << "no connection";
}

}  // namespace
}  // namespace herder::vastsim
