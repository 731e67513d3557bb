// Machines that cost money now, what people do to one of them, and the end of all of them.
#include <charconv>

#include "api/body_json.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

constexpr std::size_t kActorMax = 100;

void answer(const ExchangePtr& exchange, std::string body) {
    Response response;
    response.body = std::move(body);
    exchange->respond(std::move(response));
}

void list_instances(const Call& call) {
    QueryReader query(call.request);
    const Page page = read_page(query, 1000);
    if (!query.is_good()) return call.fail(query.problem());
    call.parts.engine.read([exchange = call.exchange, page](const State& state, Instant now) {
        Result<std::string> text = instances_view(state, now, page);
        if (!text) return refuse(exchange, text.error());
        answer(exchange, std::move(*text));
    });
}

// The contract that the route names; answers 400 itself.
std::optional<ContractId> read_contract(const Call& call) {
    const std::string& text = call.name("contract");
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec == std::errc() && end == text.data() + text.size() && number > 0)
        return ContractId{number};
    Problem wrong(invalid("'" + text + "' is no contract's number"));
    wrong.help = {"herder instances"};
    call.fail(wrong);
    return std::nullopt;
}

void refuse_with_help(const ExchangePtr& exchange, const Error& error) {
    Problem wrong(error);
    wrong.help = {"herder instances"};
    refuse(exchange, wrong);
}

Error nothing_known(ContractId contract) {
    return not_found("no machine with contract " + std::to_string(contract.value) +
                     " costs money now, as far as the last listing says");
}

void show_instance(const Call& call) {
    const std::optional<ContractId> contract = read_contract(call);
    if (!contract) return;
    call.parts.engine.read(
        [exchange = call.exchange, id = *contract](const State& state, Instant now) {
            if (owner_of(state, id) == Owner::kNobodyKnown)
                return refuse_with_help(exchange, nothing_known(id));
            answer(exchange, instance_view(state, now, id));
        });
}

// ---- logs -----------------------------------------------------------------------------------

Error not_ours(ContractId contract) {
    return {ErrorCode::kForbidden, "machine " + std::to_string(contract.value) +
                                       " has a label that is not ours: its log may be somebody "
                                       "else's"};
}

// Of a machine that is ours: another context's log is its own business.
void show_log(const Call& call) {
    const std::optional<ContractId> contract = read_contract(call);
    if (!contract) return;
    QueryReader query(call.request);
    LogQuery wish;
    wish.lines = static_cast<int>(query.number("lines", 1000, 1, 100'000));
    wish.host_side = query.flag("host", false);
    if (!query.is_good()) return call.fail(query.problem());
    const Asker asker{call.parts.provider, call.exchange, call.request.peer};
    call.parts.engine.read([asker, id = *contract, wish](const State& state, Instant) {
        const Owner owner = owner_of(state, id);
        if (owner == Owner::kNobodyKnown)
            return refuse_with_help(asker.exchange, nothing_known(id));
        if (owner == Owner::kForeign) return refuse_with_help(asker.exchange, not_ours(id));
        ask_provider(asker, [exchange = asker.exchange, id, wish](Provider& provider) {
            Result<std::string> text = provider.logs(id, wish);
            if (!text) return refuse(exchange, text.error());
            answer(exchange,
                   json::serialize(json::object{{"contract", id.value}, {"text", *text}}));
        });
    });
}

// ---- changes --------------------------------------------------------------------------------

struct Wish {
    std::string actor;
    bool now = false;
};

// An empty body is an empty object. Answers 400 itself.
std::optional<Wish> read_wish(const Call& call, const std::vector<std::string>& known) {
    BodyReader reader;
    const std::optional<json::object> body =
        reader.parse(call.request.body.empty() ? "{}" : call.request.body);
    Wish wish;
    if (body) {
        reader.check_keys(*body, "", known);
        wish.actor = reader.text(*body, "", "actor");
        if (body->contains("now")) wish.now = reader.flag(*body, "", "now");
    }
    if (wish.actor.size() > kActorMax) {
        reader.complain("/actor", "actor is longer than " + std::to_string(kActorMax) + " bytes");
    }
    if (wish.actor.empty()) wish.actor = "api";
    if (reader.is_good()) return wish;
    call.fail(reader.problem());
    return std::nullopt;
}

std::string ended_text(ContractId contract, const reply::MachineEnded& ended) {
    json::object out{{"contract", contract.value},
                     {"job", nullptr},
                     {"saves", ended.saves},
                     {"patience_seconds", ended.patience.us / seconds(1).us}};
    if (ended.job) out["job"] = to_text(ended.job);
    return json::serialize(out);
}

void destroy_instance(const Call& call) {
    const std::optional<ContractId> contract = read_contract(call);
    if (!contract) return;
    const std::optional<Wish> wish = read_wish(call, {"actor", "now"});
    if (!wish) return;
    input::EndMachine in;
    in.contract = *contract;
    in.actor = wish->actor;
    in.now = wish->now;
    call.parts.engine.ask(
        in, [exchange = call.exchange, id = *contract](const Result<ReplyBody>& reply) {
            if (!reply) return refuse_with_help(exchange, reply.error());
            answer(exchange, ended_text(id, std::get<reply::MachineEnded>(*reply)));
        });
}

void adopt_instance(const Call& call) {
    const std::optional<ContractId> contract = read_contract(call);
    if (!contract) return;
    const std::optional<Wish> wish = read_wish(call, {"actor"});
    if (!wish) return;
    input::AdoptMachine in;
    in.contract = *contract;
    in.actor = wish->actor;
    call.parts.engine.ask(in, [parts = call.parts, exchange = call.exchange,
                               id = *contract](const Result<ReplyBody>& reply) {
        if (!reply) return refuse_with_help(exchange, reply.error());
        parts.engine.read([exchange, id](const State& state, Instant now) {
            answer(exchange, instance_view(state, now, id));
        });
    });
}

// ---- renting --------------------------------------------------------------------------------

void show_renting(const Call& call) {
    call.parts.engine.read([exchange = call.exchange](const State& state, Instant) {
        answer(exchange, renting_view(state));
    });
}

template <bool kLift>
void change_renting(const Call& call) {
    const std::optional<Wish> wish = read_wish(call, {"actor"});
    if (!wish) return;
    input::HoldRenting in;
    in.actor = wish->actor;
    in.lift = kLift;
    call.parts.engine.ask(
        in, [parts = call.parts, exchange = call.exchange](const Result<ReplyBody>& reply) {
            if (!reply) return refuse(exchange, reply.error());
            parts.engine.read(
                [exchange](const State& state, Instant) { answer(exchange, renting_view(state)); });
        });
}

}  // namespace

std::vector<Route> machine_routes() {
    return {{"GET", "/instances", {"limit", "cursor"}, list_instances},
            {"GET", "/instances/{contract}", {}, show_instance},
            {"GET", "/instances/{contract}/logs", {"lines", "host"}, show_log},
            {"POST", "/instances/{contract}/destroy", {}, destroy_instance},
            {"POST", "/instances/{contract}/adopt", {}, adopt_instance},
            {"GET", "/renting", {}, show_renting},
            {"POST", "/renting/hold", {}, change_renting<false>},
            {"POST", "/renting/allow", {}, change_renting<true>}};
}

}  // namespace herder::api
