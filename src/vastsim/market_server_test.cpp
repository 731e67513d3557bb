#include "vastsim/market_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <future>

#include "adapters/http/client.h"
#include "vastsim/process_runner.h"
#include "vastsim/process_table.h"
#include "vastsim/scripted_runner.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {
namespace {

// One market on a free port, a hundred times faster than real time, with real containers.
class MarketServerTest : public ::testing::Test {
  protected:
    MarketServerTest() {
        char name[] = "/tmp/vastsim-test-XXXXXX";
        folder_ = mkdtemp(name);
        serve(std::make_unique<ProcessRunner>(folder_, Isolation::kNamespaces), "");
    }
    ~MarketServerTest() override {
        client_.reset();
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    void serve(std::unique_ptr<ContainerRunner> runner, const std::string& admin_token) {
        MarketServerOptions options;
        options.time_scale_milli = 100'000;
        options.scenario.create_penalty = {};
        options.admin_token = admin_token;
        auto started = MarketServer::start(std::move(options), std::move(runner));
        ASSERT_TRUE(started) << started.error().message;
        client_.reset();
        server_ = std::move(*started);
        client_ = std::move(*http::Client::open(server_->url()));
    }
    http::CallResult raw(const std::string& method, const std::string& target,
                         const std::string& body = "") {
        http::Request request;
        request.method = method;
        request.target = target;
        request.headers.set("Authorization", "Bearer demo");
        request.body = body;
        return client_->call(request);
    }
    // Repeats while the answer is 429, as a polite client would.
    Json call(const std::string& method, const std::string& target, const std::string& body = "") {
        for (int i = 0; i < 200; ++i) {
            const http::CallResult reply = raw(method, target, body);
            EXPECT_TRUE(reply) << reply.error().error.message;
            if (!reply) return {};
            if (reply->status != 429) return parse_json(reply->body).value_or(Json());
            poll(nullptr, 0, 20);
        }
        return {};
    }
    bool eventually(const std::function<bool()>& holds) {
        for (int i = 0; i < 2400; ++i) {
            if (holds()) return true;
            poll(nullptr, 0, 25);
        }
        return false;
    }
    std::int64_t rent(const std::string& onstart, const std::string& label) {
        const Json found = call("POST", "/api/v0/bundles/",
                                R"({"gpu_name":{"eq":"RTX 4090"},"num_gpus":{"eq":1},"type":"bid",
                                    "order":[["dph_total","asc"]],"allocated_storage":10})");
        const Json& offer = found.find("offers")->if_array()->front();
        Json body;
        body.set("image", "img:1").set("disk", 10).set("onstart", onstart).set("label", label);
        body.set("price", *offer.find("min_bid")).set("cancel_unavail", true);
        const std::string ask = std::to_string(offer.find("id")->to_integer().value());
        const Json made = call("PUT", "/api/v0/asks/" + ask + "/", body.to_text());
        const Json* id = made.find("new_contract");
        EXPECT_NE(id, nullptr) << made.to_text();
        return id ? id->to_integer().value() : 0;
    }
    static std::string instance(std::int64_t id) {
        return "/api/v0/instances/" + std::to_string(id) + "/";
    }
    std::string status_of(std::int64_t id) {
        const Json shown = call("GET", instance(id));
        const Json* row = shown.find("instances");
        const Json* word = row ? row->find("actual_status") : nullptr;
        return word && word->if_string() ? *word->if_string() : "";
    }
    std::string log_of(std::int64_t id) {
        const auto reply = raw("GET", "/admin/log/" + std::to_string(id));
        return reply && reply->status == 200 ? reply->body : "";
    }
    std::vector<std::int64_t> pids_of(std::int64_t id) {
        const Json truth = call("GET", "/admin/machines");
        std::vector<std::int64_t> pids;
        for (const Json& row : *truth.find("machines")->if_array()) {
            if (row.find("contract")->to_integer().value() != id) continue;
            for (const Json& pid : *row.find("pids")->if_array())
                pids.push_back(pid.to_integer().value());
        }
        return pids;
    }

    std::string folder_;
    std::unique_ptr<MarketServer> server_;
    std::unique_ptr<http::Client> client_;
};

TEST_F(MarketServerTest, RentedMachineRunsItsOnstartIsOutbidAndDestroyed) {
    const std::int64_t id = rent("echo up as $VAST_CONTAINERLABEL; sleep 1000", "e2e-1");
    ASSERT_TRUE(eventually([&] { return status_of(id) == "running"; }));
    ASSERT_TRUE(eventually([&] { return log_of(id).find("up as C.") != std::string::npos; }));
    const auto pids = pids_of(id);
    ASSERT_FALSE(pids.empty());
    ASSERT_EQ(raw("POST", "/admin/outbid/" + std::to_string(id))->status, 200);
    for (const std::int64_t pid : pids)
        EXPECT_TRUE(process_tree(pid).empty()) << "the outbid kills at once";
    ASSERT_TRUE(eventually([&] { return status_of(id) == "exited"; }));
    EXPECT_EQ(*call("DELETE", instance(id)).find("success"), Json(true));
    EXPECT_TRUE(call("GET", instance(id)).find("instances")->is_null());
    EXPECT_TRUE(eventually([&] { return std::filesystem::is_empty(folder_); }));
    const Json bill = call("GET", "/admin/bill");
    EXPECT_GT(bill.find("total_micros")->to_integer().value(), 0);
}

TEST_F(MarketServerTest, ContainerDestroysItselfWithItsOwnKey) {
    // Plain bash as a dead-man's switch: what a container needs is in its environment.
    const std::string onstart =
        "hostport=${VAST_API_BASE#http://}; exec 3<>/dev/tcp/${hostport%:*}/${hostport#*:}; "
        "printf 'DELETE /api/v0/instances/%s/ HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer "
        "%s\\r\\nContent-Length: 0\\r\\n\\r\\n' \"$CONTAINER_ID\" \"$CONTAINER_API_KEY\" >&3; cat "
        "<&3";
    const std::int64_t id = rent(onstart, "e2e-2");
    EXPECT_TRUE(eventually([&] {
        const Json shown = call("GET", instance(id));
        return shown.find("instances") && shown.find("instances")->is_null();
    }));
    EXPECT_TRUE(eventually([&] { return pids_of(id).empty(); }));
    const auto calls = raw("GET", "/admin/calls");
    EXPECT_NE(calls->body.find("\"instance_key\":true"), std::string::npos);
}

TEST_F(MarketServerTest, LostRepliesLeaveAMachineBehind) {
    ASSERT_EQ(raw("POST", "/admin/faults", R"({"name":"create_reply_lost","next":1})")->status,
              200);
    const Json found = call("POST", "/api/v0/bundles/", R"({"limit":1})");
    const Json& offer = found.find("offers")->if_array()->front();
    const std::string ask = std::to_string(offer.find("id")->to_integer().value());
    const auto reply =
        raw("PUT", "/api/v0/asks/" + ask + "/", R"({"image":"i","disk":8,"label":"lost-1"})");
    EXPECT_FALSE(reply) << reply->status;
    const Json listed = call("GET",
                             "/api/v1/instances/?select_filters=%7B%22label%22%3A%7B%22eq"
                             "%22%3A%22lost-1%22%7D%7D");
    EXPECT_EQ(listed.find("total_instances")->to_integer().value(), 1);
}

TEST_F(MarketServerTest, SlowSearchesCountTheirDelayInMarketTime) {
    const auto now = [&] { return call("GET", "/admin/health").find("now")->to_number().value(); };
    ASSERT_EQ(
        raw("POST", "/admin/faults", R"({"name":"search_slow","next":1,"amount":25})")->status,
        200);
    const double before = now();
    const Json found = call("POST", "/api/v0/bundles/", R"({"limit":1})");
    EXPECT_EQ(found.find("offers")->if_array()->size(), 1U);
    EXPECT_GE(now() - before, 25);
}

TEST_F(MarketServerTest, LateRepliesComeWhenTheFaultsAreCleared) {
    ASSERT_EQ(raw("POST", "/admin/faults", R"({"name":"search_slow","next":1,"amount":1000000000})")
                  ->status,
              200);
    auto found = std::async(std::launch::async,
                            [&] { return raw("POST", "/api/v0/bundles/", R"({"limit":1})"); });
    ASSERT_TRUE(eventually(
        [&] { return raw("GET", "/admin/calls")->body.find("bundles") != std::string::npos; }));
    ASSERT_EQ(raw("POST", "/admin/faults", R"({"clear":true})")->status, 200);
    const auto reply = found.get();
    ASSERT_TRUE(reply) << reply.error().error.message;
    EXPECT_EQ(reply->status, 200);
}

TEST_F(MarketServerTest, RedirectsWithoutTrailingSlash) {
    const auto reply = raw("GET", "/api/v1/instances?limit=3");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 301);
    EXPECT_EQ(reply->headers.get("Location"), "/api/v1/instances/?limit=3");
}

TEST_F(MarketServerTest, AdminTokenIsAskedWhenSet) {
    serve(std::make_unique<ScriptedRunner>(), "let-me-in");
    EXPECT_EQ(raw("GET", "/admin/health")->status, 403);
    EXPECT_EQ(raw("GET", "/api/v0/users/current/")->status, 200);
}

TEST_F(MarketServerTest, StopKillsEveryContainerAndDeletesItsFolder) {
    const std::int64_t id = rent("echo up; sleep 1000", "e2e-3");
    ASSERT_TRUE(eventually([&] { return log_of(id).find("up") != std::string::npos; }));
    const auto pids = pids_of(id);
    ASSERT_FALSE(pids.empty());
    client_.reset();
    server_->stop();
    for (const std::int64_t pid : pids)
        EXPECT_TRUE(process_tree(pid).empty());
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
    server_.reset();
}

}  // namespace
}  // namespace herder::vastsim
