#include "s3d/server.h"

#include <gtest/gtest.h>

#include "adapters/http/client.h"

namespace herder::s3d {
namespace {

struct ServerTest : ::testing::Test {
    std::unique_ptr<Server> server;
    std::unique_ptr<http::Client> client;
    Duration silence_max = kForever;

    void start(ServerOptions options = {}, http::ClientOptions client_options = {}) {
        options.buckets = {"b"};
        auto started = Server::start(std::move(options));
        ASSERT_TRUE(started) << started.error().message;
        server = std::move(*started);
        client = *http::Client::open(server->url(), std::move(client_options));
    }
    http::CallResult call(const std::string& method, const std::string& target,
                          const std::string& body = "", http::Headers headers = {}) {
        http::Request request;
        request.method = method;
        request.target = target;
        request.headers = std::move(headers);
        request.body = body;
        http::CallOptions options;
        options.idle_timeout = silence_max;
        return client->call(request, options);
    }
    void fault(const std::string& rule) { server->set_faults({*parse_fault(rule)}); }
};

TEST_F(ServerTest, ServesOverOneConnection) {
    start();
    EXPECT_EQ(call("PUT", "/b/k", "hello")->status, 200);
    EXPECT_EQ(call("GET", "/b/k")->body, "hello");
    EXPECT_EQ(call("HEAD", "/b/k")->status, 200);
    EXPECT_EQ(call("GET", "/b/no")->status, 404);
    const auto records = server->records();
    ASSERT_EQ(records.size(), 4U);
    EXPECT_EQ(records[0].operation, "PutObject");
    EXPECT_EQ(records[0].body_size, 5U);
    EXPECT_EQ(records[3].error_code, "NoSuchKey");
}

TEST_F(ServerTest, AsksForASignatureWhereItHasKeys) {
    ServerOptions options;
    options.keys = {{"id", {"secret", ""}}};
    start(options);
    EXPECT_EQ(call("GET", "/b/k")->status, 403);
}

TEST_F(ServerTest, SpeaksTls) {
    ServerOptions options;
    options.tls = *http::make_self_signed_certificate();
    http::ClientOptions trust;
    trust.trust.pinned_spki_sha256 = *http::spki_pin(options.tls->certificate_pem);
    start(options, trust);
    EXPECT_EQ(call("PUT", "/b/k", std::string(3'000'000, 'x'))->status, 200);
    EXPECT_EQ(call("GET", "/b/k")->body.size(), 3'000'000U);
}

TEST_F(ServerTest, GoesWrongAsTheScriptSays) {
    start();
    ASSERT_EQ(call("PUT", "/b/k", std::string(1000, 'x'))->status, 200);
    fault("status=503 on=GetObject");
    EXPECT_EQ(call("GET", "/b/k")->status, 503);
    fault("status=403 on=GetObject");
    EXPECT_NE(call("GET", "/b/k")->body.find("<Code>AccessDenied</Code>"), std::string::npos);
    fault("reset_at=10 on=GetObject");
    EXPECT_FALSE(call("GET", "/b/k"));
    fault("short_at=10 on=GetObject");
    EXPECT_FALSE(call("GET", "/b/k"));
    fault("flip_at=10 on=GetObject");
    EXPECT_EQ(call("GET", "/b/k")->body, std::string(10, 'x') + "y" + std::string(989, 'x'));
    fault("stall_at=10 on=GetObject");
    silence_max = milliseconds(300);
    EXPECT_EQ(call("GET", "/b/k").error().error.code, ErrorCode::kTimedOut);
    silence_max = kForever;
    fault("reset_at=10 on=PutObject");
    EXPECT_FALSE(call("PUT", "/b/new", std::string(1000, 'x')));
    server->set_faults({});
    EXPECT_EQ(call("GET", "/b/new")->status, 404);
}

TEST_F(ServerTest, AFaultIsOfItsRequestAndNotOfTheNextOnThatConnection) {
    start();
    fault("reset_at=500 on=PutObject times=1");
    EXPECT_TRUE(call("PUT", "/b/short", std::string(10, 'x')));
    EXPECT_TRUE(call("PUT", "/b/long", std::string(1000, 'x')));
    // Nor is it told where it did nothing.
    EXPECT_EQ(server->records()[0].fault, "");
    EXPECT_EQ(server->records()[1].fault, "");
}

TEST_F(ServerTest, AStallIsTold) {
    start();
    ASSERT_EQ(call("PUT", "/b/short", std::string(10, 'x'))->status, 200);
    fault("stall_at=500");
    EXPECT_TRUE(call("GET", "/b/short"));
    EXPECT_EQ(server->records()[1].fault, "");
    silence_max = seconds(1);
    // More than fits into the buffers of a connection: the end that a client sends is behind it.
    std::string large;
    large.assign(64'000'000, 'x');
    EXPECT_EQ(call("PUT", "/b/long", large).error().error.code, ErrorCode::kTimedOut);
    ASSERT_EQ(server->records().size(), 3U);
    EXPECT_EQ(server->records()[2].fault, "stall_at");
    EXPECT_EQ(server->records()[2].status, 0);
    EXPECT_EQ(call("GET", "/b/long")->status, 404);
}

TEST_F(ServerTest, TellsAFaultOnlyWhereItStrikes) {
    start();
    ASSERT_EQ(call("PUT", "/b/k", std::string(1000, 'x'))->status, 200);
    const auto struck = [this](const std::string& rule) {
        fault(rule + " on=GetObject");
        (void)call("GET", "/b/k");
        return server->records().back().fault;
    };
    EXPECT_EQ(struck("flip_at=999"), "flip_at");
    EXPECT_EQ(struck("flip_at=1000"), "");
    EXPECT_EQ(struck("short_at=1000"), "");
    EXPECT_EQ(struck("short_at=1"), "short_at");
    EXPECT_EQ(struck("reset_at=1000"), "");
    EXPECT_EQ(struck("reset_at=1"), "reset_at");
    EXPECT_EQ(struck("complete_error"), "");
    EXPECT_EQ(struck("expired"), "");  // it is not presigned
    EXPECT_EQ(struck("status=503"), "status");
    EXPECT_EQ(struck("lose_reply"), "lose_reply");
}

TEST_F(ServerTest, ALostReplyStillActs) {
    start();
    fault("lose_reply on=PutObject times=1");
    EXPECT_FALSE(call("PUT", "/b/k", "x"));
    EXPECT_EQ(call("GET", "/b/k")->body, "x");
    EXPECT_EQ(server->records()[0].status, 0);
    fault("stall_reply on=PutObject times=1");
    silence_max = seconds(1);  // which has to be enough to act in
    EXPECT_EQ(call("PUT", "/b/k", "y").error().error.code, ErrorCode::kTimedOut);
    silence_max = kForever;
    EXPECT_EQ(call("GET", "/b/k")->body, "y");
}

TEST_F(ServerTest, DiscardsAndStillKnowsSizes) {
    ServerOptions options;
    options.keeping = Keeping::kDiscard;
    start(options);
    EXPECT_EQ(call("PUT", "/b/k", std::string(5'000'000, 'x'))->status, 200);
    EXPECT_EQ(call("GET", "/b/k")->body, std::string(5'000'000, '\0'));
}

TEST_F(ServerTest, ShapesItsConnections) {
    ServerOptions options;
    options.shape.bytes_per_second = 10'000'000;
    options.shape.latency = milliseconds(20);
    start(options);
    const ServerClock clock;
    const Instant begin = clock.monotonic();
    EXPECT_EQ(call("PUT", "/b/k", std::string(1'000'000, 'x'))->status, 200);
    // 1 MB at 10 MB/s; only the lower bound is certain.
    EXPECT_GE(clock.monotonic() - begin, milliseconds(100));
}

TEST_F(ServerTest, RefusesAPortInUse) {
    start();
    ServerOptions second;
    second.port = server->port();
    EXPECT_FALSE(Server::start(second));
}

}  // namespace
}  // namespace herder::s3d
