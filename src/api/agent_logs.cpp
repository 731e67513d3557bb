// Agents send what their jobs print, piece by piece, with how long ago each part was written.
#include <charconv>

#include "api/agent_api.h"
#include "api/problem_json.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/log_ages.h"

namespace herder::api {

namespace {

std::int64_t read_offset(const std::string& text) {
    std::int64_t offset = -1;
    std::from_chars(text.data(), text.data() + text.size(), offset);
    return offset;
}

// By our calendar: the machine's may be wrong.
std::vector<LogMark> to_marks(const std::vector<protocol::LogAge>& ages, std::int64_t offset,
                              WallTime now) {
    std::vector<LogMark> marks;
    for (const protocol::LogAge& age : ages) {
        const WallTime written = now + age.age * -1;
        marks.push_back({offset + age.offset, written, written});
    }
    // Agents of before do not say.
    if (marks.empty()) marks.push_back({offset, now, now});
    return marks;
}

bool is_gap(const Result<std::int64_t>& end) {
    return !end && end.error().code == ErrorCode::kInvalid;
}

}  // namespace

void AgentApi::store_log(const Request& request, const ExchangePtr& exchange) {
    const std::int64_t offset = read_offset(request.query_or("offset", ""));
    const std::string stream = request.query_or("stream", "");
    const auto ages = protocol::parse_log_ages(request.query_or("ages", ""));
    if (!is_stream(stream))
        return exchange->respond(problem(invalid("no such stream"), protocol::kAgentLogs));
    if (!ages) return exchange->respond(problem(ages.error(), protocol::kAgentLogs));
    LogChunk chunk{offset, request.body, to_marks(*ages, offset, parts_.clock.wall())};
    with_session(request, exchange, [=, this](const Session& session) {
        const LogName name{session.attempt, stream, session.team};
        const Result<std::int64_t> end = parts_.logs.append(name, chunk);
        if (!is_gap(end)) return answer_log(name, end, exchange);
        // The agent was told that more is here. Before it is sent back, and says in the log that
        // bytes are missing, the artifact store is asked for them.
        const bool taken = disk_.run([=, this] {
            const Status found = parts_.logs.find_again(name);
            if (!found) return exchange->respond(problem(found.error(), protocol::kAgentLogs));
            answer_log(name, parts_.logs.append(name, chunk), exchange);
        });
        if (taken) return;
        exchange->respond(
            problem(unavailable("too many wait for the store"), protocol::kAgentLogs));
    });
}

void AgentApi::answer_log(const LogName& name, const Result<std::int64_t>& end,
                          const ExchangePtr& exchange) {
    if (!end && !is_gap(end)) return exchange->respond(problem(end.error(), protocol::kAgentLogs));
    const std::int64_t next = end ? *end : parts_.logs.size(name);
    Response response;
    response.status = end ? 200 : 409;
    response.body =
        protocol::to_json(protocol::LogAnswer{.next = static_cast<std::uint64_t>(next)});
    exchange->respond(std::move(response));
    parts_.feed.ring(name.attempt.job);
}

}  // namespace herder::api
