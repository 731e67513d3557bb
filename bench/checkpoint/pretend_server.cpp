#include "pretend_server.h"

#include <cstdio>
#include <cstdlib>

#include "protocol/agent_paths.h"
#include "protocol/join_json.h"

namespace herder::bench {

namespace {

http::Response json(std::string body, int status = 200) {
    return http::make_response(status, "application/json", std::move(body));
}

}  // namespace

PretendServer::PretendServer(const std::string& store) {
    s3::ClientSettings settings;
    settings.location = *s3::parse_location(std::string("s3://") + kBucket + "?endpoint=" + store +
                                            "&region=us-east-1&addressing=path");
    settings.credentials = []() -> Result<s3::Credentials> {
        return s3::Credentials{kKeyId, kSecret, "", {}};
    };
    auto client = s3::S3Client::open(std::move(settings), clock_);
    if (!client) {
        std::fprintf(stderr, "bench: %s\n", client.error().message.c_str());
        std::exit(1);
    }
    remote::Abilities abilities;
    abilities.multipart = true;
    abilities.ranges = true;
    objects_ = std::make_unique<s3::S3ObjectStore>(std::move(*client), abilities, clock_);
    desk_ = std::make_unique<api::PartDesk>(*objects_);
    server_ = *http::Server::start(
        {}, [this](http::Request request, http::Responder to) { to.respond(answer(request)); });
}

PretendServer::~PretendServer() {
    server_->stop();
}

void PretendServer::expect(const std::string& key, Bytes size) {
    const std::lock_guard lock(mutex_);
    object_ = {key, size};
}

protocol::PartRules PretendServer::rules() const {
    const UploadLimits limits = objects_->multipart()->limits();
    return {limits.part_size_min, limits.parts_max, limits.is_checked};
}

http::Response PretendServer::answer(const http::Request& request) {
    if (request.path() == protocol::kAgentJoin)
        return json(protocol::to_json(protocol::JoinResponse{1, "session", {1}, {3}}));
    if (request.path() != protocol::kAgentParts) return json("{}", 404);
    const auto wish = protocol::parse_parts_request(request.body);
    if (!wish) return json("{}", 400);
    const std::lock_guard lock(mutex_);
    const auto parts = desk_->sign({object_}, *wish, soon());
    if (!parts) return json("{\"detail\": \"" + parts.error().message + "\"}", 503);
    return json(protocol::to_json(*parts));
}

}  // namespace herder::bench
