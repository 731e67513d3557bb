// Reboot, recycle, update from a template, snapshot, deposits (vast-api 2.8, 2.11).
#include <array>

#include "vastsim/api.h"
#include "vastsim/template_form.h"

namespace herder::vastsim {

namespace {

const Contract* live(const Call& call) {
    const Contract* contract = call.market.find_listed(call.id());
    return contract && !contract->destroyed ? contract : nullptr;
}

ApiReply reboot(Call& call) {
    if (live(call) == nullptr) return no_such_instance(call.id());
    if (!call.market.reboot(call.id())) {
        return failure(400, "invalid_args", "instance is not running");
    }
    return done();
}

ApiReply recycle(Call& call) {
    if (live(call) == nullptr) return no_such_instance(call.id());
    if (!call.market.recycle(call.id())) {
        return failure(400, "invalid_args", "instance is not running");
    }
    return done();
}

// Recreates the container with what the body or its template names; the rest stays.
ApiReply update_template(Call& call) {
    const Contract* contract = live(call);
    if (contract == nullptr) return no_such_instance(call.id());
    const Result<Json> merged = merge_template(call.account, call.body);
    if (!merged) return failure(400, "invalid_args", merged.error().message);
    Json body = *merged;
    if (body.find("image") == nullptr) body.set("image", contract->request.image);
    const auto parsed = parse_create(contract->request.ask_id, body, call.market.scenario());
    if (!parsed) return failure(400, "invalid_args", parsed.error().message);
    CreateRequest request = contract->request;
    request.image = parsed->image;
    if (body.find("env")) request.env = parsed->env;
    if (body.find("onstart")) request.onstart = parsed->onstart;
    if (body.find("args")) request.args = parsed->args;
    note_template(call.account, call.body, request);
    call.market.update(call.id(), request);
    Json updated;
    updated.set("id", call.id()).set("image_uuid", request.image);
    updated.set("template_id", request.template_id > 0 ? Json(request.template_id) : Json());
    Json reply;
    reply.set("success", true).set("updated_instance", std::move(updated));
    return json_reply(200, reply);
}

// A client that also sends the id has been refused (vast-api 2.8).
ApiReply take_snapshot(Call& call) {
    if (live(call) == nullptr) return no_such_instance(call.id());
    if (call.text("personal_repo").empty()) {
        return failure(400, "invalid_args", "personal_repo is required");
    }
    Json reply;
    reply.set("success", true);
    reply.set("msg", "Snapshot of instance " + std::to_string(call.id()) + " was scheduled.");
    return json_reply(200, reply);
}

ApiReply prepay(Call& call) {
    const Json* amount = call.find("amount");
    const auto micros = amount ? amount->to_micros() : Result<std::int64_t>(invalid(""));
    if (!micros) return failure(400, "invalid_args", "amount is required");
    const Status paid = call.market.prepay(call.id(), usd_micros(*micros));
    if (!paid) {
        Json body;
        body.set("success", false).set("msg", paid.error().message);
        // 411 for a lack of credit is what the service says (vast-api Q54).
        return json_reply(paid.error().code == ErrorCode::kBudgetExceeded ? 411 : 400, body);
    }
    const Contract& contract = call.market.contracts().at(call.id());
    Json reply;
    reply.set("success", true).set("timescale", contract.discount_months);
    reply.set("discount_rate", contract.discount_rate);
    return json_reply(200, reply);
}

ApiReply balance(Call& call) {
    const Contract* contract = live(call);
    if (contract == nullptr) return failure(400, "invalid_args", "No such instance");
    const Usd left = call.market.deposit_left(call.id());
    const Usd used = contract->deposit - left;
    const std::int64_t saved = contract->undiscounted.micros - contract->gpu_rate.micros;
    const std::int64_t rate = std::max<std::int64_t>(contract->gpu_rate.micros, 1);
    const bool reserved = contract->deposit.micros > 0;
    Json reply;
    reply.set("success", true).set("refundable_deposit", left);
    reply.set("total_discount", usd_micros(reserved ? used.micros * saved / rate : 0));
    reply.set("discount_months", contract->discount_months);
    return json_reply(200, reply);
}

constexpr std::array kRoutes = {
    Route{"PUT", "/api/v0/instances/reboot/{id}/", "instance_write", reboot, "api.instance.reboot"},
    Route{"PUT", "/api/v0/instances/recycle/{id}/", "instance_write", recycle},
    Route{"PUT", "/api/v0/instances/update_template/{id}/", "instance_write", update_template},
    Route{"POST", "/api/v0/instances/take_snapshot/{id}/", "instance_write", take_snapshot},
    Route{"PUT", "/api/v0/instances/prepay/{id}/", "instance_write", prepay},
    Route{"GET", "/api/v0/instances/balance/{id}/", "instance_read", balance},
};

}  // namespace

std::span<const Route> lifecycle_routes() {
    return kRoutes;
}

}  // namespace herder::vastsim
