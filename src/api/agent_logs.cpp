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
        const std::int64_t next = end ? *end : parts_.logs.size(name);
        const bool gap = !end && end.error().code == ErrorCode::kInvalid;
        if (!end && !gap) return exchange->respond(problem(end.error(), protocol::kAgentLogs));
        Response response;
        response.status = gap ? 409 : 200;
        response.body =
            protocol::to_json(protocol::LogAnswer{.next = static_cast<std::uint64_t>(next)});
        exchange->respond(std::move(response));
        parts_.feed.ring(session.attempt.job);
    });
}

}  // namespace herder::api
