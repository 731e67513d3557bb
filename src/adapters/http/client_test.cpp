#include "adapters/http/client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <optional>
#include <span>
#include <thread>

#include "adapters/http/raw_socket_test.h"

namespace herder::http {
namespace {

// Plays a server by a script, on a thread that ends with the test.
class ScriptedServer {
  public:
    explicit ScriptedServer(std::function<void(RawListener&)> script)
        : thread_([this, script = std::move(script)] { script(listener_); }) {}
    ~ScriptedServer() { thread_.join(); }
    std::unique_ptr<Client> client() const { return std::move(*Client::open(listener_.url())); }

  private:
    RawListener listener_;
    std::thread thread_;
};

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Answers one request with `bytes` and closes.
auto answer(std::string bytes) {
    return [bytes = std::move(bytes)](RawListener& listener) {
        RawSocket peer = listener.accept();
        peer.read_until("\r\n\r\n");
        peer.send(bytes);
    };
}

Error expect_failure(const CallResult& result, bool maybe_sent) {
    EXPECT_FALSE(result);
    if (result) return {};
    EXPECT_EQ(result.error().maybe_sent, maybe_sent) << result.error().error.message;
    return result.error().error;
}

TEST(Client, SendsOneWellFormedRequest) {
    std::string seen;
    {
        const ScriptedServer server([&seen](RawListener& listener) {
            RawSocket peer = listener.accept();
            seen = peer.read_until("\r\n\r\nhi");
            peer.send(kOk);
        });
        Request request;
        request.method = "PUT";
        request.target = "/a?b=c";
        request.headers.set("X-Key", "v");
        request.body = "hi";
        EXPECT_EQ(server.client()->call(request)->body, "ok");
    }
    EXPECT_TRUE(seen.starts_with("PUT /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:"));
    EXPECT_NE(seen.find("\r\nX-Key: v\r\n"), std::string::npos);
    EXPECT_NE(seen.find("\r\nContent-Length: 2\r\n"), std::string::npos);
}

TEST(Client, ARefusedConnectionWasNotSent) {
    std::optional<RawListener> listener(std::in_place);
    const std::string url = listener->url();
    listener.reset();

    const auto client = std::move(*Client::open(url));
    EXPECT_EQ(expect_failure(client->call({}), false).code, ErrorCode::kUnavailable);
}

TEST(Client, AnIdleConnectionThatDiedIsPassedOverBeforeAnythingIsSent) {
    std::promise<void> closed;
    const ScriptedServer server([&closed](RawListener& listener) {
        RawSocket first = listener.accept();
        first.read_until("\r\n\r\n");
        first.send(kOk);
        first.close();
        closed.set_value();
        RawSocket second = listener.accept();
        second.read_until("\r\n\r\n");
        second.send(kOk);
    });
    const auto client = server.client();

    EXPECT_TRUE(client->call({}));
    closed.get_future().wait();
    EXPECT_TRUE(client->call({}));
}

TEST(Client, AReusedConnectionThatDiesIsNotReplayed) {
    std::atomic<int> requests{0};
    const ScriptedServer server([&requests](RawListener& listener) {
        RawSocket peer = listener.accept();
        for (int i = 0; i < 2; ++i) {
            peer.read_until("\r\n\r\n");
            ++requests;
            if (i == 0) peer.send(kOk);
        }
    });
    const auto client = server.client();
    ASSERT_TRUE(client->call({}));

    const Error error = expect_failure(client->call({}), true);

    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_EQ(requests, 2);
}

TEST(Client, AFreshConnectionIsOpenedOnDemand) {
    std::atomic<int> connections{0};
    const ScriptedServer server([&connections](RawListener& listener) {
        RawSocket first = listener.accept();
        first.read_until("\r\n\r\n");
        first.send(kOk);
        RawSocket second = listener.accept();
        connections = 2;
        second.read_until("\r\n\r\n");
        second.send(kOk);
    });
    const auto client = server.client();
    CallOptions options;
    options.fresh_connection = true;

    EXPECT_TRUE(client->call({}));
    EXPECT_TRUE(client->call({}, options));
    EXPECT_EQ(connections, 2);
}

TEST(Client, ASilentServerTimesOutAsMaybeSent) {
    const ScriptedServer server([](RawListener& listener) {
        RawSocket peer = listener.accept();
        peer.read_all();
    });
    CallOptions options;
    options.timeout = seconds(1);  // which has to be enough to send it
    EXPECT_EQ(expect_failure(server.client()->call({}, options), true).code, ErrorCode::kTimedOut);
}

TEST(Client, ABodyThatNobodyTakesIsASilence) {
    std::promise<void> over;
    const ScriptedServer server([&over](RawListener& listener) {
        const RawSocket peer = listener.accept();
        over.get_future().wait();
    });
    Request request;
    request.method = "PUT";
    request.body.assign(64'000'000, 'x');
    CallOptions options;
    options.timeout = kForever;
    options.idle_timeout = seconds(1);
    EXPECT_EQ(expect_failure(server.client()->call(request, options), true).code,
              ErrorCode::kTimedOut);
    over.set_value();
}

TEST(Client, NothingIsSentOnceCancelledOrOutOfTime) {
    std::string rest = "unset";
    {
        const ScriptedServer server([&rest](RawListener& listener) {
            RawSocket peer = listener.accept();
            peer.read_until("\r\n\r\n");
            peer.send(kOk);
            rest = peer.read_all();
        });
        const auto client = server.client();
        ASSERT_TRUE(client->call({}));
        CancelToken cancel;
        cancel.cancel();
        CallOptions cancelled;
        cancelled.cancel = &cancel;
        CallOptions late;
        late.timeout = Duration{0};

        EXPECT_EQ(expect_failure(client->call({}, cancelled), false).code, ErrorCode::kCancelled);
        EXPECT_EQ(expect_failure(client->call({}, late), false).code, ErrorCode::kTimedOut);
    }
    EXPECT_EQ(rest, "");
}

TEST(Client, ReadsChunkedAndUnframedBodies) {
    const ScriptedServer chunked(answer(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    EXPECT_EQ(chunked.client()->call({})->body, "abcde");
    const ScriptedServer unframed(answer("HTTP/1.0 200 OK\r\n\r\nto the end"));
    EXPECT_EQ(unframed.client()->call({})->body, "to the end");
}

TEST(Client, SkipsInterimResponses) {
    const ScriptedServer server(answer("HTTP/1.1 100 Continue\r\n\r\n" + std::string(kOk)));
    EXPECT_EQ(server.client()->call({})->body, "ok");
}

TEST(Client, DoesNotFollowRedirects) {
    const ScriptedServer server(
        answer("HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"));
    const CallResult result = server.client()->call({});
    EXPECT_EQ(result->status, 301);
    EXPECT_EQ(result->headers.get("location"), "/b");
}

TEST(Client, RefusesBodiesOverTheLimit) {
    CallOptions options;
    options.body_limit = 4;
    const ScriptedServer server(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde"));
    const Error error = expect_failure(server.client()->call({}, options), true);
    EXPECT_EQ(error.code, ErrorCode::kCorrupt);
    EXPECT_NE(error.message.find("limit of 4 bytes"), std::string::npos);
}

TEST(Client, ABodyThatIsTakenPieceByPieceMayBeOfAnySize) {
    CallOptions options;
    options.body_limit = 4;
    std::string taken;
    options.on_chunk = [&](std::string_view piece) {
        taken += piece;
        return ok();
    };
    const ScriptedServer server(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde"));
    EXPECT_TRUE(server.client()->call({}, options));
    EXPECT_EQ(taken, "abcde");
    const ScriptedServer refusing(answer("HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nabcde"));
    EXPECT_EQ(expect_failure(refusing.client()->call({}, options), true).code, ErrorCode::kCorrupt);
}

// Takes a body in place, three bytes at a time.
struct SmallRooms {
    std::string got;
    char room[3] = {};
    std::size_t used = 0;
    BodyTarget target() {
        return {[this] { return std::span(room + used, sizeof room - used); },
                [this](std::size_t count) -> Status {
                    used += count;
                    if (used < sizeof room) return ok();
                    got.append(room, used);
                    used = 0;
                    return ok();
                }};
    }
    std::string all() const { return got + std::string(room, used); }
};

TEST(Client, ABodyIsReceivedInPlace) {
    for (const std::string framing :
         {"Content-Length: 8\r\n\r\nin place",
          "Transfer-Encoding: chunked\r\n\r\n8\r\nin place\r\n0\r\n\r\n"}) {
        const ScriptedServer server(answer("HTTP/1.1 206 Partial Content\r\n" + framing));
        SmallRooms rooms;
        CallOptions options;
        options.target = rooms.target();
        const CallResult done = server.client()->call({}, options);
        ASSERT_TRUE(done) << done.error().error.message;
        EXPECT_EQ(rooms.all(), "in place");
        EXPECT_EQ(done->body, "");
    }
}

TEST(Client, WhatIsNoSuccessDoesNotGoInPlace) {
    const ScriptedServer server(answer("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"));
    SmallRooms rooms;
    CallOptions options;
    options.target = rooms.target();
    EXPECT_EQ(server.client()->call({}, options)->body, "gone");
    EXPECT_EQ(rooms.all(), "");
}

TEST(Client, ABodyInPlaceThatBreaksOffIsNoBody) {
    const ScriptedServer server(answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbroken"));
    SmallRooms rooms;
    CallOptions options;
    options.target = rooms.target();
    const CallResult done = server.client()->call({}, options);
    EXPECT_EQ(expect_failure(done, true).code, ErrorCode::kUnavailable);
}

TEST(Client, AConnectionServesOnAfterABodyInPlace) {
    const ScriptedServer server([](RawListener& listener) {
        RawSocket peer = listener.accept();
        for (int i = 0; i < 2; ++i) {
            peer.read_until("\r\n\r\n");
            peer.send(kOk);
        }
    });
    const auto client = server.client();
    for (int i = 0; i < 2; ++i) {
        SmallRooms rooms;
        CallOptions options;
        options.target = rooms.target();
        ASSERT_TRUE(client->call({}, options));
        EXPECT_EQ(rooms.all(), "ok");
    }
}

TEST(Client, ReportsBrokenAndMalformedResponses) {
    const ScriptedServer cut(answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
    EXPECT_EQ(expect_failure(cut.client()->call({}), true).code, ErrorCode::kUnavailable);
    const ScriptedServer noise(answer("SSH-2.0-OpenSSH\r\n\r\n"));
    EXPECT_EQ(expect_failure(noise.client()->call({}), true).code, ErrorCode::kCorrupt);
    const ScriptedServer gone(answer(""));
    EXPECT_EQ(expect_failure(gone.client()->call({}), true).code, ErrorCode::kUnavailable);
}

TEST(Client, RefusesRequestsThatInject) {
    const RawListener listener;
    const auto client = std::move(*Client::open(listener.url()));
    Request header;
    header.headers.set("X", "a\r\nY: b");
    Request target;
    target.target = "/a HTTP/1.1\r\nX: y";
    Request method;
    method.method = "GET /";
    Request framing;
    framing.headers.set("content-length", "3");
    for (const Request& request : {header, target, method, framing}) {
        EXPECT_EQ(expect_failure(client->call(request), false).code, ErrorCode::kInvalid);
    }
}

TEST(Client, ErrorsDoNotNameTheQuery) {
    std::optional<RawListener> listener(std::in_place);
    const auto client = std::move(*Client::open(listener->url()));
    listener.reset();
    Request request;
    request.target = "/a?api_key=secret";
    EXPECT_EQ(expect_failure(client->call(request), false).message.find("secret"),
              std::string::npos);
}

}  // namespace
}  // namespace herder::http
