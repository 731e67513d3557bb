#pragma once
// A server for tests that answers what it was told to, in order, and keeps what it was asked. The
// last answer repeats. What the stores themselves would say is for
// tests/conformance.
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/http/server.h"
#include "ports/clock.h"

namespace herder::remote {

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

}  // namespace herder::remote
