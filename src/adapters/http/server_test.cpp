#include "adapters/http/server.h"

#include <gtest/gtest.h>

#include <future>

#include "adapters/http/client.h"
#include "base/digest.h"

namespace herder::http {
namespace {

std::unique_ptr<Server> serve(Handler handler, ServerOptions options = {}) {
    auto server = Server::start(std::move(options), std::move(handler));
    EXPECT_TRUE(server) << server.error().message;
    return std::move(*server);
}

std::unique_ptr<Client> connect(const Server& server, ClientOptions options = {}) {
    return std::move(*Client::open(server.url(), std::move(options)));
}

void echo(Request request, Responder responder) {
    responder.respond(make_response(200, "text/plain", request.method + " " + request.body));
}

Request post(std::string body) {
    Request request;
    request.method = "POST";
    request.body = std::move(body);
    return request;
}

TEST(Server, AnswersSeveralRequestsOnOneConnection) {
    const auto server = serve(echo);
    const auto client = connect(*server);

    for (int i = 0; i < 3; ++i) {
        const CallResult result = client->call(post(std::to_string(i)));
        ASSERT_TRUE(result) << result.error().error.message;
        EXPECT_EQ(result->body, "POST " + std::to_string(i));
    }
    EXPECT_EQ(server->connection_count(), 1U);
}

TEST(Server, AnswersLaterFromAnotherThread) {
    std::promise<Responder> parked;
    const auto server = serve([&](Request, Responder r) { parked.set_value(std::move(r)); });
    const auto client = connect(*server);

    auto call = std::async(std::launch::async, [&] { return client->call({}); });
    Responder responder = parked.get_future().get();
    EXPECT_TRUE(responder.is_alive());
    responder.respond(make_response(200, "text/plain", "late"));

    EXPECT_EQ(call.get()->body, "late");
    EXPECT_FALSE(responder.is_alive());
}

TEST(Server, NoticesAClientThatLeaves) {
    std::promise<void> gone;
    std::promise<Responder> parked;
    const auto server = serve([&](Request, Responder r) {
        r.on_gone([&] { gone.set_value(); });
        parked.set_value(std::move(r));
    });
    const auto client = connect(*server);
    CancelToken cancel;
    CallOptions options;
    options.cancel = &cancel;

    auto call = std::async(std::launch::async, [&] { return client->call({}, options); });
    const Responder responder = parked.get_future().get();
    cancel.cancel();

    EXPECT_EQ(call.get().error().error.code, ErrorCode::kCancelled);
    EXPECT_EQ(gone.get_future().wait_for(std::chrono::minutes(1)), std::future_status::ready);
    EXPECT_FALSE(responder.is_alive());
}

TEST(Server, ADroppedResponderAnswers500) {
    const auto server = serve([](Request, Responder) {});
    EXPECT_EQ(connect(*server)->call({})->status, 500);
}

TEST(Server, RefusesAnswersThatInjectHeaders) {
    const auto server = serve([](Request, Responder r) {
        Response response = make_response(200, "text/plain", "x");
        response.headers.set("X-Name", "a\r\nSet-Cookie: b");
        r.respond(std::move(response));
    });
    const CallResult result = connect(*server)->call({});
    EXPECT_EQ(result->status, 500);
    EXPECT_FALSE(result->headers.has("Set-Cookie"));
}

TEST(Server, RefusesBodiesOverTheLimit) {
    ServerOptions options;
    options.body_limit = 10;
    const auto server = serve(echo, std::move(options));
    const auto client = connect(*server);

    EXPECT_EQ(client->call(post("0123456789"))->status, 200);
    EXPECT_EQ(client->call(post("0123456789a"))->status, 413);
    EXPECT_EQ(client->call(post("again"))->status, 200);
}

TEST(Server, StreamsChunksAsTheyCome) {
    std::promise<Stream> opened;
    const auto server =
        serve([&](Request, Responder r) { opened.set_value(r.stream(Response{})); });
    const auto client = connect(*server);
    std::promise<void> first_seen;
    std::string seen;
    CallOptions options;
    options.on_chunk = [&](std::string_view piece) -> Status {
        if (seen.empty()) first_seen.set_value();
        seen += piece;
        return ok();
    };

    auto call = std::async(std::launch::async, [&] { return client->call({}, options); });
    Stream stream = opened.get_future().get();
    EXPECT_EQ(stream.write("one,"), WriteStatus::kAccepted);
    first_seen.get_future().wait();
    EXPECT_EQ(stream.write("two"), WriteStatus::kAccepted);
    stream.close();

    ASSERT_TRUE(call.get());
    EXPECT_EQ(seen, "one,two");
    EXPECT_FALSE(stream.is_open());
    EXPECT_EQ(stream.write("three"), WriteStatus::kClosed);
}

TEST(Server, AnAbortedStreamIsABrokenResponse) {
    const auto server = serve([](Request, Responder r) {
        Stream stream = r.stream(Response{});
        (void)stream.write("half");
        stream.abort();
    });
    const CallResult result = connect(*server)->call({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().error.code, ErrorCode::kUnavailable);
    EXPECT_TRUE(result.error().maybe_sent);
}

TEST(Server, SpeaksTlsToClientsThatHoldThePin) {
    ServerOptions options;
    options.tls = make_self_signed_certificate().value();
    ClientOptions trusting;
    trusting.trust.pinned_spki_sha256 = spki_pin(options.tls->certificate_pem).value();
    ClientOptions rooted;
    rooted.trust.roots_pem = options.tls->certificate_pem;
    ClientOptions both;
    both.trust.extra_roots_pem = options.tls->certificate_pem;
    ClientOptions neither;
    neither.trust.extra_roots_pem = make_self_signed_certificate()->certificate_pem;
    ClientOptions wrong;
    wrong.trust.pinned_spki_sha256 = std::string(64, '0');
    const auto server = serve(echo, std::move(options));
    const auto client = connect(*server, trusting);

    EXPECT_EQ(client->call(post("one"))->body, "POST one");
    EXPECT_EQ(client->call(post(std::string(500'000, 'x')))->body.size(), 500005U);
    EXPECT_EQ(server->connection_count(), 1U);
    EXPECT_EQ(connect(*server, rooted)->call(post("two"))->body, "POST two");
    EXPECT_EQ(connect(*server, both)->call(post("two"))->body, "POST two");
    EXPECT_FALSE(connect(*server, neither)->call(post("two")));
    const CallResult refused = connect(*server, wrong)->call(post("three"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error.code, ErrorCode::kUnauthenticated);
    EXPECT_FALSE(refused.error().maybe_sent);
}

TEST(Server, RunsPostedAndDelayedWork) {
    std::promise<void> posted;
    std::promise<void> delayed;
    const auto server = serve(echo);
    server->post([&] { posted.set_value(); });
    server->after(milliseconds(1), [&] { delayed.set_value(); });
    posted.get_future().wait();
    delayed.get_future().wait();
}

TEST(Server, OutlivedByItsResponders) {
    std::promise<Responder> parked;
    auto server = serve([&](Request, Responder r) { parked.set_value(std::move(r)); });
    const auto client = connect(*server);
    auto call = std::async(std::launch::async, [&] { return client->call({}); });
    Responder responder = parked.get_future().get();

    server.reset();

    EXPECT_FALSE(call.get());
    EXPECT_FALSE(responder.is_alive());
    responder.respond(Response{});
}

}  // namespace
}  // namespace herder::http
