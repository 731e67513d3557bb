#include "sim/client_reading.h"

namespace herder::sim {

namespace {

std::string number_of(Duration threshold) {
    const std::int64_t tenths = threshold.us / milliseconds(100).us;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

// All four were seen; two of them name no threshold when the market gives none.
std::string too_frequent(const ApiReply& reply, std::uint64_t shape) {
    const std::string words = "API requests too frequent";
    if (reply.threshold == Duration{}) {
        return shape % 2 == 0 ? words : R"({"detail":")" + words + R"("})";
    }
    const std::string named = words + " endpoint threshold=" + number_of(reply.threshold);
    switch (shape % 3) {
        case 0:
            return words + ": endpoint threshold=" + number_of(reply.threshold);
        case 1:
            return R"({"detail":")" + named + R"("})";
        case 2:
            break;
    }
    return R"({"success":false,"error":"rate_limit_exceeded","msg":")" + named + R"("})";
}

}  // namespace

std::string to_body(const ApiReply& reply, std::uint64_t shape) {
    if (reply.status == 429) return too_frequent(reply, shape);
    if (reply.status >= 500) return "<html>the gateway</html>";
    std::string body = reply.success ? R"({"success":true)" : R"({"success":false)";
    if (!reply.error.empty()) {
        const std::string code = reply.error.substr(0, reply.error.find(':'));
        body += R"(,"error":")" + code + R"(","msg":"error: )" + reply.error + R"(")";
    }
    if (reply.contract) body += R"(,"new_contract":)" + std::to_string(reply.contract.value);
    return body + "}";
}

input::CreateEnded read_create(const ApiReply& reply) {
    input::CreateEnded end;
    end.contract = reply.contract;
    end.detail = reply.error;
    if (reply.is_ok()) {
        end.outcome = input::CallOutcome::kDone;
        return end;
    }
    end.outcome = input::CallOutcome::kRefused;
    end.offer_gone = reply.status == 410 || reply.error.starts_with("no_such_ask");
    end.stop_all = reply.error == "insufficient_credit";
    // Refused for haste: it was not executed and says nothing about the offer.
    end.not_sent = reply.status == 429;
    end.retry_in = reply.threshold;
    return end;
}

input::CallOutcome read_destroy(const ApiReply& reply) {
    if (reply.is_ok()) return input::CallOutcome::kDone;
    const bool is_refused = reply.status >= 400 && reply.status < 500;
    return is_refused ? input::CallOutcome::kRefused : input::CallOutcome::kUnknown;
}

}  // namespace herder::sim
