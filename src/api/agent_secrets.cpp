// Secrets for the machine that runs their job now, and for no other.
#include "api/agent_api.h"
#include "api/problem_json.h"
#include "api/secret_store.h"
#include "base/log.h"
#include "base/sealed_text.h"
#include "protocol/agent_paths.h"
#include "protocol/secrets_json.h"

namespace herder::api {

namespace {

// The uses of the attempt's job, as long as the attempt is the one that counts.
Result<std::vector<SecretUse>> uses_of(const State& state, IntentId intent, AttemptKey attempt) {
    const auto found = state.intents.find(intent);
    const auto job = state.jobs.find(attempt.job);
    const bool is_current = found != state.intents.end() && state.open_intents.contains(intent) &&
                            job != state.jobs.end() && job->second.fence == attempt.fence &&
                            is_active(job->second.phase);
    if (is_current) return job->second.spec.secrets;
    return Error{ErrorCode::kForbidden,
                 "this machine's attempt is over: it gets no secrets any more"};
}

}  // namespace

void AgentApi::give_secrets(const Request& request, const ExchangePtr& exchange) {
    with_session(request, exchange, [this, exchange](const Session& session) {
        parts_.engine.read([this, exchange, session](const State& state, Instant) {
            const auto uses = uses_of(state, session.intent, session.attempt);
            if (!uses) return exchange->respond(problem(uses.error(), protocol::kAgentSecrets));
            protocol::SecretsResponse given;
            for (const SecretUse& use : *uses) {
                Result<std::string> value = parts_.secrets.get(use.stored_as);
                if (!value)
                    return exchange->respond(problem(value.error(), protocol::kAgentSecrets));
                given.secrets.push_back({use.name, std::move(*value), use.in_env});
                log_info("secret.given",
                         {{"name", use.stored_as}, {"job", to_text(session.attempt.job)}});
            }
            Response response;
            response.body = protocol::to_json(given);
            for (protocol::GivenSecret& secret : given.secrets)
                wipe(secret.value);
            exchange->respond(std::move(response));
        });
    });
}

}  // namespace herder::api
