#pragma once
// For tests: an API server with scripted answers, and the command line run against it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/http/server.h"
#include "cli/app.h"

namespace herder::cli {

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
};

struct TestFolder {
    TestFolder() {
        std::string name = "/tmp/herder-cli-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no folder below /tmp";
        path = name;
    }
    ~TestFolder() { std::filesystem::remove_all(path); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    void write(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = std::filesystem::path(path) / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }
    std::string path;
};

class FakeServer {
  public:
    FakeServer() {
        folder_.write("token", "secret\n");
        auto started =
            http::Server::start({}, [this](http::Request request, http::Responder responder) {
                responder.respond(next_answer(std::move(request)));
            });
        EXPECT_TRUE(started) << started.error().message;
        server_ = std::move(*started);
    }
    ~FakeServer() { server_->stop(); }

    // `what`: "GET /jobs/j1", the query does not count. The last answer given repeats.
    void answer(const std::string& what, std::string body, int status = 200,
                http::Headers headers = {}) {
        const std::lock_guard lock(mutex_);
        http::Response response;
        response.status = status;
        response.headers = std::move(headers);
        response.headers.set("Content-Type", "application/json");
        response.body = std::move(body);
        answers_[what].push_back(std::move(response));
    }
    void refuse(const std::string& what, int status, const std::string& code,
                const std::string& detail) {
        answer(what, R"({"code":")" + code + R"(","detail":")" + detail + "\"}", status);
    }

    // The next requests are answered with 503.
    void be_busy(int requests) {
        const std::lock_guard lock(mutex_);
        busy_ = requests;
    }

    // "GET /jobs?limit=1" of every request, in order.
    std::vector<std::string> seen() const {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> lines;
        for (const http::Request& request : requests_)
            lines.push_back(request.method + " " + request.target.substr(7));
        return lines;
    }
    // The last request of that kind.
    http::Request last(const std::string& what) const {
        const std::lock_guard lock(mutex_);
        for (auto it = requests_.rbegin(); it != requests_.rend(); ++it) {
            if (key_of(*it) == what) return *it;
        }
        ADD_FAILURE() << "no request " << what;
        return {};
    }
    const std::string& folder() const { return folder_.path; }
    std::string url() const { return server_->url(); }

    Ran run(std::vector<std::string> arguments, const std::string& typed = "",
            bool terminal = false) const {
        std::istringstream in(typed);
        std::ostringstream out;
        std::ostringstream err;
        Streams streams{in, out, err, terminal, terminal, terminal};
        arguments.insert(arguments.end(), {"--server", url(), "--data-dir", folder_.path});
        const int code = run_cli(arguments, streams);
        return {code, out.str(), err.str()};
    }

  private:
    static std::string key_of(const http::Request& request) {
        return request.method + " " + std::string(request.path().substr(7));  // after /api/v1
    }
    http::Response next_answer(http::Request request) {
        const std::lock_guard lock(mutex_);
        const std::string key = key_of(request);
        const bool is_known_token = request.bearer_token() == "secret";
        requests_.push_back(std::move(request));
        if (busy_ > 0) {
            --busy_;
            return problem(503, "UNAVAILABLE", "too much at once");
        }
        if (!is_known_token) return problem(401, "UNAUTHENTICATED", "a valid token is needed");
        const auto found = answers_.find(key);
        if (found == answers_.end()) return problem(404, "NOT_FOUND", "there is no " + key);
        const http::Response response = found->second.front();
        if (found->second.size() > 1) found->second.pop_front();
        return response;
    }
    static http::Response problem(int status, const std::string& code, const std::string& detail) {
        return http::make_response(status, "application/problem+json",
                                   R"({"code":")" + code + R"(","detail":")" + detail + "\"}");
    }

    TestFolder folder_;
    mutable std::mutex mutex_;  // guards all below but server_
    std::map<std::string, std::deque<http::Response>> answers_;
    std::vector<http::Request> requests_;
    int busy_ = 0;
    std::unique_ptr<http::Server> server_;
};

}  // namespace herder::cli
