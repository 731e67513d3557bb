// The client against a real server in this process: what a scripted transport cannot show, such as
// connections that are cut in the middle.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "adapters/http/server.h"
#include "adapters/providers/vast/vast_provider.h"
#include "adapters/providers/vast/virtual_clock_test.h"

namespace herder::vast {
namespace {

using input::CallOutcome;

class VastWireTest : public testing::Test {
  protected:
    void serve(http::Handler handler) {
        auto server = http::Server::start(
            {}, [this, handler](http::Request request, http::Responder responder) {
                {
                    const std::lock_guard lock(mutex_);
                    requests_.push_back(request);
                }
                handler(std::move(request), std::move(responder));
            });
        ASSERT_TRUE(server.has_value());
        server_ = std::move(*server);
        connect(server_->url());
    }
    void connect(const std::string& url) {
        auto provider = VastProvider::open(url, "k3y", clock_, traffic_);
        ASSERT_TRUE(provider.has_value());
        provider_ = std::move(*provider);
    }
    CreateAnswer rent() {
        CreateRequest request;
        request.ask = 7;
        request.label = "herder1-a1b2-i42-0a1b2c";
        request.image = "debian:12";
        request.onstart = "echo \"hello\"\n";
        return provider_->create(request);
    }
    std::vector<http::Request> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

    VirtualClock clock_;
    Traffic traffic_{clock_, [this](auto&, auto&, Duration d) { clock_.advance(d); }};
    std::mutex mutex_;  // guards requests_
    std::vector<http::Request> requests_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<VastProvider> provider_;
};

http::Response json(int status, std::string body) {
    return http::make_response(status, "application/json", std::move(body));
}

TEST_F(VastWireTest, ARentalArrivesWholeAndOnce) {
    serve([](http::Request, http::Responder responder) {
        responder.respond(json(200, R"({"success":true,"new_contract":50381086})"));
    });
    const CreateAnswer answer = rent();
    EXPECT_EQ(answer.outcome, CallOutcome::kDone);
    EXPECT_EQ(answer.contract, ContractId{50'381'086});
    ASSERT_EQ(requests().size(), 1U);
    EXPECT_EQ(requests()[0].method, "PUT");
    EXPECT_EQ(requests()[0].path(), "/api/v0/asks/7/");
    EXPECT_EQ(requests()[0].bearer_token(), "k3y");
    EXPECT_NE(requests()[0].body.find(R"("onstart":"echo \"hello\"\n")"), std::string::npos);
}

TEST_F(VastWireTest, AnAnswerThatBreaksOffIsUnknown) {
    serve([](http::Request, http::Responder responder) {
        http::Stream stream = responder.stream(json(200, ""));
        stream.write(R"({"success":true,"new_con)");
        stream.abort();
    });
    EXPECT_EQ(rent().outcome, CallOutcome::kUnknown);
    EXPECT_EQ(requests().size(), 1U);
}

TEST_F(VastWireTest, AnAnswerThatNeverBeginsIsUnknown) {
    std::optional<http::Responder> kept;
    std::atomic<bool> arrived = false;
    serve([&](http::Request, http::Responder responder) {
        kept = std::move(responder);
        arrived = true;
        arrived.notify_all();
    });
    std::thread killer([&] {
        arrived.wait(false);
        server_->stop();
    });
    EXPECT_EQ(rent().outcome, CallOutcome::kUnknown);
    killer.join();
    EXPECT_EQ(requests().size(), 1U);
}

TEST_F(VastWireTest, ACallThatNeverLeftIsRefused) {
    serve([](http::Request, http::Responder) {});
    const std::string url = server_->url();
    server_->stop();
    const CreateAnswer answer = rent();
    EXPECT_EQ(answer.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(answer.not_sent);
    EXPECT_TRUE(requests().empty());
}

TEST_F(VastWireTest, NoRedirectIsFollowed) {
    serve([](http::Request, http::Responder responder) {
        http::Response response = json(301, "");
        response.headers.set("Location", "/api/v0/asks/8/");
        responder.respond(std::move(response));
    });
    EXPECT_EQ(rent().outcome, CallOutcome::kUnknown);
    EXPECT_EQ(requests().size(), 1U);
}

TEST_F(VastWireTest, TheListsQuerySurvivesTheWay) {
    serve([](http::Request request, http::Responder responder) {
        const auto query = request.query();
        const bool second = query && query->get("after_token") == "a+b/c==";
        responder.respond(
            json(200, second ? R"({"instances_found":1,"total_instances":2,"next_token":null,
                             "instances":[{"id":6,"label":"x"}]})"
                             : R"({"instances_found":1,"total_instances":2,"next_token":"a+b/c==",
                             "instances":[{"id":5,"label":null}]})"));
    });
    const auto machines = provider_->list();
    ASSERT_TRUE(machines.has_value());
    ASSERT_EQ(machines->size(), 2U);
    EXPECT_EQ(machines->at(1).label, "x");
}

TEST_F(VastWireTest, ADestroyThatBreaksOffIsUnknownAndMayBeRepeated) {
    std::atomic<int> calls = 0;
    serve([&](http::Request, http::Responder responder) {
        if (++calls == 1) {
            responder.stream(json(200, "")).abort();
        } else {
            responder.respond(json(404, R"({"success":false,"error":"no_such_instance"})"));
        }
    });
    EXPECT_EQ(provider_->destroy({5}).outcome, CallOutcome::kUnknown);
    EXPECT_EQ(provider_->destroy({5}).outcome, CallOutcome::kDone);
}

}  // namespace
}  // namespace herder::vast
