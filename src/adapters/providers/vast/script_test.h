#pragma once
// A market for this folder's tests that answers from a script and remembers what it was asked. Not
// for production code.
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "adapters/providers/vast/api.h"
#include "adapters/providers/vast/virtual_clock_test.h"

namespace herder::vast {

struct Asked {
    http::Request request;
    http::CallOptions options;
    Instant at;
};

class Script {
  public:
    explicit Script(VirtualClock& clock) : clock_(clock) {}

    void answer(int status, std::string body, http::Headers headers = {}) {
        http::Response response;
        response.status = status;
        response.body = std::move(body);
        response.headers = std::move(headers);
        answers_.emplace_back(std::move(response));
    }
    void fail(bool maybe_sent, ErrorCode code = ErrorCode::kUnavailable) {
        answers_.emplace_back(http::CallError{{code, "connection reset"}, maybe_sent});
    }

    Transport transport() {
        return [this](const http::Request& request, const http::CallOptions& options) {
            return take(request, options);
        };
    }
    const std::vector<Asked>& asked() const { return asked_; }
    bool is_used_up() const { return answers_.empty(); }

  private:
    http::CallResult take(const http::Request& request, const http::CallOptions& options) {
        asked_.push_back({request, options, clock_.monotonic()});
        if (answers_.empty()) return http::CallError{internal("the script has ended"), false};
        http::CallResult answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
    }

    VirtualClock& clock_;
    std::deque<http::CallResult> answers_;
    std::vector<Asked> asked_;
};

}  // namespace herder::vast
