// Work folders as archives named by their hash: uploaded once, however many jobs use them.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "api/routes.h"
#include "base/digest.h"
#include "protocol/layout.h"

namespace herder::api {

namespace {

bool is_sha256(const std::string& text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Result<std::string> take_body(Request& request) {
    if (request.body_file.empty()) return std::move(request.body);
    std::ifstream file(request.body_file, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    std::remove(request.body_file.c_str());
    if (!file) return unavailable("cannot read the uploaded archive back");
    return std::move(text).str();
}

void store_archive(const Call& call, const std::string& sha256) {
    const Result<std::string> body = take_body(call.request);
    if (!body) return call.fail(body.error());
    if (body->size() > call.options.workdir_limit) {
        return call.fail(
            invalid("the archive of the work folder is larger than " +
                    to_text(Bytes{static_cast<std::int64_t>(call.options.workdir_limit)}) +
                    "; leave out data with .herderignore"));
    }
    if (sha256_hex(*body) != sha256)
        return call.fail(invalid("the archive does not have the hash in its name"));
    const std::string key = protocol::workdir_key(sha256);
    const Status put = call.parts.objects.put(key, *body, true);
    if (!put && put.error().code != ErrorCode::kConflict) return call.fail(put.error());
    call.json(put ? 201 : 200, R"({"object":")" + key + "\"}");
}

}  // namespace

bool route_workdirs(const Call& call) {
    if (call.path.size() != 2 || call.path[0] != "workdirs") return false;
    const std::string& sha256 = call.path[1];
    if (!is_sha256(sha256))
        return call.fail(invalid("'" + sha256 + "' is not a SHA-256 in hex")), true;
    if (call.request.method == "PUT") return store_archive(call, sha256), true;
    if (call.request.method != "HEAD" && call.request.method != "GET") return false;
    const Result<ObjectInfo> info = call.parts.objects.head(protocol::workdir_key(sha256));
    if (!info) return call.fail(info.error()), true;
    return call.json(200, R"({"object":")" + info->key + "\"}"), true;
}

}  // namespace herder::api
