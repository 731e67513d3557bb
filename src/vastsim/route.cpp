#include "vastsim/route.h"

namespace herder::vastsim {

namespace {

constexpr std::string_view kGatewayPage =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

}  // namespace

std::string Call::text(std::string_view key) const {
    const Json* value = body.find(key);
    return value && value->if_string() ? *value->if_string() : "";
}

std::string Call::query(const std::string& key) const {
    const auto found = request.query.find(key);
    return found == request.query.end() ? "" : found->second;
}

std::string name_of(const Route& route) {
    return std::string(route.method) + " " + std::string(route.pattern);
}

ApiReply json_reply(int status, const Json& body) {
    ApiReply reply;
    reply.status = status;
    reply.body = body.to_text();
    return reply;
}

ApiReply failure(int status, std::string_view error, std::string_view msg) {
    Json body;
    body.set("success", false).set("error", error).set("msg", msg);
    return json_reply(status, body);
}

ApiReply text_reply(int status, std::string_view content_type, std::string_view body) {
    ApiReply reply;
    reply.status = status;
    reply.content_type = content_type;
    reply.body = body;
    return reply;
}

ApiReply done() {
    Json body;
    body.set("success", true);
    return json_reply(200, body);
}

ApiReply gateway_error() {
    return text_reply(502, "text/html", kGatewayPage);
}

ApiReply no_such_instance(ContractNumber id) {
    return failure(404, "no_such_instance", "Instance " + std::to_string(id) + " not found.");
}

}  // namespace herder::vastsim
