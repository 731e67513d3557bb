// The server against clients that misbehave, and against large bodies.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <mutex>

#include "adapters/http/client.h"
#include "adapters/http/raw_socket_test.h"
#include "adapters/http/server.h"
#include "base/digest.h"

namespace herder::http {
namespace {

namespace fs = std::filesystem;

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "herder-http-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const fs::path& path() const { return path_; }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
        return (path_ / name).string();
    }

  private:
    fs::path path_;
};

std::string noise(std::size_t size) {
    std::string text(size, '\0');
    std::uint32_t state = 1;
    for (char& c : text) {
        state = state * 1664525U + 1013904223U;
        c = static_cast<char>(state >> 24);
    }
    return text;
}

void echo(Request request, Responder responder) {
    responder.respond(make_response(200, "text/plain", request.target + request.body));
}

std::string talk(const Server& server, std::string_view bytes) {
    RawSocket socket = RawSocket::connect_to(server.port());
    socket.send(bytes);
    return socket.read_all();
}

// Small images have tools that speak HTTP and none that speaks TLS: what is verified by its hash
// may go to them in the clear, on the port that is open to them anyway.
TEST(ServerWire, ServesWhatIsAllowedWithoutTlsOnTheSamePort) {
    ServerOptions options;
    options.tls = make_self_signed_certificate().value();
    const std::string pin = spki_pin(options.tls->certificate_pem).value();
    options.serves_plain = [](const Request& head) { return head.path().starts_with("/files/"); };
    const auto server = std::move(*Server::start(std::move(options), echo));

    const std::string file = talk(*server, "GET /files/a HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(file.starts_with("HTTP/1.1 200 ")) << file;
    EXPECT_TRUE(file.ends_with("\r\n\r\n/files/a")) << file;
    const std::string join = talk(*server, "GET /join HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(join.starts_with("HTTP/1.1 426 ")) << join;
    EXPECT_EQ(join.find("/join"), std::string::npos) << join;

    ClientOptions trusting;
    trusting.trust.pinned_spki_sha256 = pin;
    const auto client = std::move(*Client::open(server->url(), trusting));
    Request join_request;
    join_request.target = "/join";
    EXPECT_EQ(client->call(join_request)->body, "/join");
}

TEST(ServerWire, CutsOffWhoSpeaksWithoutTlsUnlessAllowed) {
    ServerOptions options;
    options.tls = make_self_signed_certificate().value();
    const auto server = std::move(*Server::start(std::move(options), echo));
    EXPECT_EQ(talk(*server, "GET /files/a HTTP/1.0\r\n\r\n").find("HTTP/1.1"), std::string::npos);
}

TEST(ServerWire, RefusesMalformedRequests) {
    const auto server = std::move(*Server::start({}, echo));
    const std::string_view bad[] = {
        "nonsense\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        "GET a HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nBroken\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    for (const std::string_view request : bad) {
        EXPECT_TRUE(talk(*server, request).starts_with("HTTP/1.1 400 ")) << request;
    }
    EXPECT_TRUE(talk(*server, "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n")
                    .starts_with("HTTP/1.1 501 "));
}

TEST(ServerWire, RefusesHeadsOverTheLimit) {
    ServerOptions options;
    options.header_limit = 1024;
    const auto server = std::move(*Server::start(std::move(options), echo));
    const std::string request = "GET / HTTP/1.1\r\nX: " + std::string(2000, 'a') + "\r\n\r\n";
    EXPECT_TRUE(talk(*server, request).starts_with("HTTP/1.1 431 "));
}

TEST(ServerWire, AnswersPipelinedRequestsInOrder) {
    const auto server = std::move(*Server::start({}, echo));
    const std::string answers = talk(
        *server,
        "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nxyGET /3 HTTP/1.1\r\n"
        "Connection: close\r\n\r\n");
    const std::size_t first = answers.find("/1");
    const std::size_t second = answers.find("/2xy");
    const std::size_t third = answers.find("/3");
    EXPECT_LT(first, second);
    EXPECT_LT(second, third);
    EXPECT_NE(third, std::string::npos);
}

TEST(ServerWire, DropsClientsThatDribbleTheirHead) {
    ServerOptions options;
    options.header_timeout = milliseconds(50);
    const auto server = std::move(*Server::start(std::move(options), echo));
    EXPECT_EQ(talk(*server, "GET / HTTP/1.1\r\nX: "), "");
}

TEST(ServerWire, DropsIdleConnections) {
    ServerOptions options;
    options.idle_timeout = milliseconds(500);  // which has to be enough to ask in
    const auto server = std::move(*Server::start(std::move(options), echo));
    const std::string answer = talk(*server, "GET /1 HTTP/1.1\r\n\r\n");
    EXPECT_NE(answer.find("/1"), std::string::npos);
}

TEST(ServerWire, InvitesBodiesThatAreExpected) {
    ServerOptions options;
    options.body_limit = 5;
    const auto server = std::move(*Server::start(std::move(options), echo));
    RawSocket socket = RawSocket::connect_to(server->port());
    socket.send("PUT /x HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send("ab");
    EXPECT_TRUE(socket.read_until("/xab").starts_with("HTTP/1.1 200 "));

    socket.send("PUT /x HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(socket.read_until("\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST(ServerWire, SpeaksToOldClients) {
    const auto server = std::move(*Server::start({}, [](Request, Responder r) {
        Stream stream = r.stream(Response{});
        (void)stream.write("raw");
    }));
    const std::string answer = talk(*server, "GET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(answer.ends_with("\r\n\r\nraw")) << answer;
}

TEST(ServerWire, SendsNoBodyToHead) {
    const auto server = std::move(*Server::start({}, echo));
    const std::string answer = talk(*server, "HEAD /abc HTTP/1.0\r\n\r\n");
    EXPECT_NE(answer.find("Content-Length: 4\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(ServerWire, SpoolsLargeBodiesAndServesThemBack) {
    const Folder folder;
    ServerOptions options;
    options.spool_folder = [&](const Request&) { return folder.path().string(); };
    std::mutex mutex;
    Request seen;
    const auto server =
        std::move(*Server::start(std::move(options), [&](Request request, Responder r) {
            const std::lock_guard lock(mutex);
            if (request.method == "PUT") {
                seen = std::move(request);
                r.respond(Response{});
                return;
            }
            Response response;
            response.file_path = seen.body_file;
            r.respond(std::move(response));
        }));
    const auto client = std::move(*Client::open(server->url()));
    const std::string data = noise(5'000'000);
    const std::string path = folder.write("source", "head" + data + "tail");
    CallOptions upload;
    upload.upload = file_range_source(path, 4, data.size()).value();
    Request put;
    put.method = "PUT";

    ASSERT_TRUE(client->call(put, upload));
    EXPECT_EQ(seen.body_size, data.size());
    EXPECT_EQ(seen.body_crc32c, crc32c(data));
    EXPECT_TRUE(seen.body.empty());

    std::uint32_t crc = 0;
    CallOptions download;
    download.on_chunk = [&crc](std::string_view piece) -> Status {
        crc = crc32c(piece, crc);
        return ok();
    };
    const CallResult got = client->call({}, download);
    ASSERT_TRUE(got);
    EXPECT_EQ(crc, crc32c(data));
    EXPECT_TRUE(got->body.empty());
    EXPECT_EQ(server->connection_count(), 1U);
}

TEST(ServerWire, RemovesSpooledBodiesOfClientsThatLeave) {
    const Folder folder;
    ServerOptions options;
    options.spool_folder = [&](const Request&) { return folder.path().string(); };
    {
        const auto server = std::move(*Server::start(std::move(options), echo));
        RawSocket socket = RawSocket::connect_to(server->port());
        socket.send("PUT / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
        socket.read_until("\r\n\r\n");
        EXPECT_FALSE(fs::is_empty(folder.path()));
    }
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ServerWire, ServesRangesOfFiles) {
    const Folder folder;
    const std::string path = folder.write("file", "0123456789");
    const auto server = std::move(*Server::start({}, [&](Request, Responder r) {
        Response response;
        response.file_path = path;
        r.respond(std::move(response));
    }));
    const auto client = std::move(*Client::open(server->url()));
    const auto get = [&](const char* range) {
        Request request;
        request.headers.set("Range", range);
        return *client->call(request);
    };

    EXPECT_EQ(get("bytes=2-4").body, "234");
    EXPECT_EQ(get("bytes=2-4").headers.get("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(get("bytes=8-").body, "89");
    EXPECT_EQ(get("bytes=-3").body, "789");
    EXPECT_EQ(get("bytes=5-99").status, 206);
    EXPECT_EQ(get("bytes=10-").status, 416);
    EXPECT_EQ(get("bytes=1-2,4-5").body, "0123456789");
    EXPECT_EQ(get("lines=1-2").status, 200);
}

TEST(ServerWire, ASlowReaderFillsTheStreamAndDrainsIt) {
    ServerOptions options;
    options.stream_buffer = 64 * 1024;
    std::mutex mutex;
    Stream stream;
    const auto server = std::move(*Server::start(std::move(options), [&](Request, Responder r) {
        const std::lock_guard lock(mutex);
        stream = r.stream(Response{});
        const std::string piece(32 * 1024, 'x');
        while (stream.write(piece) == WriteStatus::kAccepted) {
        }
        stream.on_drain([&] {
            const std::lock_guard inner(mutex);
            stream.close();
        });
    }));
    const std::string answer = talk(*server, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_GT(answer.size(), 64U * 1024);
    EXPECT_TRUE(answer.ends_with("0\r\n\r\n"));
}

}  // namespace
}  // namespace herder::http
