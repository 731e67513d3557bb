// Secrets by name: stored, listed, removed. No answer ever holds a value.
#include <boost/json.hpp>

#include "api/body_json.h"
#include "api/disk_work.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/secret_store.h"
#include "api/view_parts_json.h"
#include "base/log.h"
#include "base/sealed_text.h"

namespace herder::api {

namespace json = boost::json;

namespace {

void answer(const ExchangePtr& exchange, const json::value& body, int status = 200) {
    Response response;
    response.status = status;
    response.body = json::serialize(body);
    exchange->respond(std::move(response));
}

// Names of jobs that have not ended and use the secret; a few are enough to be told.
std::string users_of(const State& state, const std::string& name) {
    constexpr int kNamedMax = 5;
    std::string text;
    int count = 0;
    for (const auto& [id, job] : state.jobs) {
        if (is_terminal(job.phase) || count == kNamedMax) continue;
        for (const SecretUse& use : job.spec.secrets) {
            if (use.stored_as != name) continue;
            text += (count++ == 0 ? "" : ", ") + to_text(id);
            break;
        }
    }
    return text;
}

void list_secrets(const Call& call) {
    QueryReader query(call.request);
    const Page page = read_page(query, 1000);
    if (!query.is_good()) return call.fail(query.problem());
    const auto work = [&store = call.parts.secrets, exchange = call.exchange, page] {
        const Result<std::vector<SecretInfo>> infos = store.list();
        if (!infos) return refuse(exchange, infos.error());
        json::array items;
        for (const SecretInfo& info : *infos)
            items.push_back(
                json::object{{"name", info.name}, {"updated_at", time_or_null(info.updated)}});
        const Result<json::object> list = page_of(std::move(items), page, Member{"name"});
        if (!list) return refuse(exchange, list.error());
        answer(exchange, *list);
    };
    if (!call.own.disk.run(work)) call.fail(too_much_work());
}

void set_secret(const Call& call) {
    BodyReader reader;
    const std::optional<json::object> body = reader.parse(call.request.body);
    if (!body) return call.fail(reader.problem());
    reader.check_keys(*body, "", {"value"});
    if (!body->contains("value")) reader.complain("/value", "the body has no text 'value'");
    std::string value = reader.text(*body, "", "value");
    if (!reader.is_good()) return call.fail(reader.problem());
    const auto work = [&store = call.parts.secrets, exchange = call.exchange,
                       name = call.name("name"), value = std::move(value),
                       now = call.options.wall()]() mutable {
        const bool existed = store.has(name);
        const Status stored = store.set(name, value, now);
        wipe(value);
        if (!stored) return refuse(exchange, stored.error());
        log_info("secret.stored", {{"name", name}});
        answer(exchange, {{"name", name}, {"updated_at", time_or_null(now)}}, existed ? 200 : 201);
    };
    if (!call.own.disk.run(work)) call.fail(too_much_work());
}

void remove_secret(const Call& call) {
    const std::string name = call.name("name");
    const auto remove = [&store = call.parts.secrets, exchange = call.exchange, name] {
        const Status removed = store.remove(name);
        if (!removed) return refuse(exchange, removed.error());
        log_info("secret.removed", {{"name", name}});
        answer(exchange, {{"name", name}});
    };
    call.parts.engine.read([&disk = call.own.disk, exchange = call.exchange, name, remove](
                               const State& state, Instant) {
        const std::string users = users_of(state, name);
        if (!users.empty()) {
            return refuse(exchange, Error{ErrorCode::kConflict,
                                          "the secret '" + name + "' is still needed by " + users +
                                              "; cancel them first, or store another value"});
        }
        if (!disk.run(remove)) refuse(exchange, too_much_work());
    });
}

void rotate_key(const Call& call) {
    const auto work = [&store = call.parts.secrets, exchange = call.exchange] {
        const Result<std::size_t> sealed = store.rotate_key();
        if (!sealed) return refuse(exchange, sealed.error());
        log_info("secret.key_rotated", {{"secrets", std::to_string(*sealed)}});
        answer(exchange, {{"secrets", *sealed}});
    };
    if (!call.own.disk.run(work)) call.fail(too_much_work());
}

}  // namespace

std::vector<Route> secret_routes() {
    return {{"GET", "/secrets", {"limit", "cursor"}, list_secrets},
            {"PUT", "/secrets/{name}", {}, set_secret},
            {"DELETE", "/secrets/{name}", {}, remove_secret},
            {"POST", "/secrets/rotate-key", {}, rotate_key}};
}

}  // namespace herder::api
