#include "adapters/providers/vast/outcome.h"

namespace herder::vast {

namespace {

using input::CallOutcome;

// Nothing of the account can be rented until a person has acted.
bool stops_all(const Reply& reply) {
    return is_auth_error(reply) || reply.mentions("insufficient_credit") ||
           reply.mentions("missing_billing") || reply.mentions("spend_rate_limit");
}

// Statuses after which the same offer is not to be asked for again. The market wraps them in 400.
bool is_offer_gone(const Reply& reply) {
    return reply.status == 409 || reply.status == 410 || reply.mentions("no_such_ask") ||
           reply.mentions("not available") || reply.mentions("no longer available");
}

CallOutcome judge_create(const Reply& reply) {
    if (reply.status == 401 || reply.status == 429) return CallOutcome::kRefused;
    if (reply.is_2xx()) {
        if (!reply.parsed) return CallOutcome::kUnknown;
        if (reply.success == false) return CallOutcome::kRefused;
        // A success without a contract is a doubt, not a machine.
        return reply.contract ? CallOutcome::kDone : CallOutcome::kUnknown;
    }
    // A gateway may answer 4xx for itself, in text; only the market's own words are a refusal.
    const bool is_4xx = reply.status >= 400 && reply.status < 500 && reply.status != 408;
    const bool is_its_own = reply.parsed || reply.mentions("no_such_ask");
    return is_4xx && is_its_own ? CallOutcome::kRefused : CallOutcome::kUnknown;
}

bool is_gone(const Reply& reply) {
    if (is_auth_error(reply)) return false;
    return reply.error == "no_such_instance" || (reply.status == 404 && reply.error == "not_found");
}

CallOutcome judge_write(const Reply& reply) {
    if (reply.status == 401 || reply.status == 429) return CallOutcome::kRefused;
    if (reply.is_2xx()) {
        if (!reply.parsed || !reply.success) return CallOutcome::kUnknown;
        return *reply.success ? CallOutcome::kDone : CallOutcome::kRefused;
    }
    const bool is_4xx = reply.status >= 400 && reply.status < 500 && reply.status != 408;
    return is_4xx && reply.parsed ? CallOutcome::kRefused : CallOutcome::kUnknown;
}

CallAnswer answer_without_reply(const http::CallError& error) {
    return {.outcome = error.maybe_sent ? CallOutcome::kUnknown : CallOutcome::kRefused,
            .detail = error.error.message,
            .not_sent = !error.maybe_sent};
}

}  // namespace

CreateAnswer classify_create(const http::CallResult& result) {
    CreateAnswer answer;
    if (!result) {
        answer.outcome = result.error().maybe_sent ? CallOutcome::kUnknown : CallOutcome::kRefused;
        answer.not_sent = !result.error().maybe_sent;
        answer.detail = result.error().error.message;
        return answer;
    }
    const Reply reply = parse_reply(result->status, result->body);
    answer.outcome = judge_create(reply);
    answer.contract = reply.contract;
    answer.machine_key = reply.machine_key;
    if (answer.outcome == CallOutcome::kDone) return answer;
    answer.stop_all = stops_all(reply);
    if (reply.status == 429) {
        // Turned away at the door: nobody looked at the order, so it says nothing about the offer.
        answer.not_sent = !reply.contract;
        answer.retry_in = find_threshold(result->body).value_or(Duration{});
    } else {
        answer.offer_gone =
            answer.outcome == CallOutcome::kRefused && !answer.stop_all && is_offer_gone(reply);
    }
    answer.detail = reply.describe();
    return answer;
}

CallAnswer classify_destroy(const http::CallResult& result) {
    if (!result) return answer_without_reply(result.error());
    const Reply reply = parse_reply(result->status, result->body);
    if (reply.parsed && is_gone(reply)) {
        return {.outcome = CallOutcome::kDone, .detail = "was not there any more"};
    }
    const CallOutcome outcome = judge_write(reply);
    if (outcome == CallOutcome::kDone) return {.outcome = outcome, .detail = {}};
    return {.outcome = outcome, .detail = reply.describe()};
}

CallAnswer classify_change(const http::CallResult& result) {
    if (!result) return answer_without_reply(result.error());
    const Reply reply = parse_reply(result->status, result->body);
    const CallOutcome outcome = judge_write(reply);
    if (outcome == CallOutcome::kDone) return {.outcome = outcome, .detail = {}};
    return {.outcome = outcome, .detail = reply.describe()};
}

CallAnswer classify_start(const http::CallResult& result) {
    CallAnswer answer = classify_change(result);
    if (answer.outcome != CallOutcome::kRefused || !result) return answer;
    // HTTP 200 with success:false; also seen wrapped in 400 (API reference, 2.5 and quirk 35).
    const Reply reply = parse_reply(result->status, result->body);
    answer.queued = reply.error == "resources_unavailable" || reply.mentions("state change queued");
    return answer;
}

std::optional<Error> find_read_error(const Reply& reply) {
    if (is_missing_right(reply)) {
        return Error{ErrorCode::kForbidden, "the account key may not do this (" + reply.describe() +
                                                "); use a key with that permission"};
    }
    if (is_auth_error(reply)) {
        return Error{ErrorCode::kUnauthenticated,
                     "the market refuses the account key (" + reply.describe() +
                         "); check VAST_API_KEY and the key's permissions"};
    }
    if (reply.status == 429) return Error{ErrorCode::kRateLimited, reply.describe()};
    if (reply.status >= 500) return unavailable(reply.describe());
    if (reply.status == 404 || reply.status == 405 || reply.status == 410) {
        return not_found(reply.describe());
    }
    if (!reply.is_2xx()) return invalid(reply.describe());
    if (!reply.is_json) {
        return Error{ErrorCode::kCorrupt, "the market's answer is not JSON"};
    }
    // 200 with success:false exists.
    if (reply.success == false) return unavailable(reply.describe());
    return std::nullopt;
}

}  // namespace herder::vast
