#include "artifact_routes.h"

#include "api/problem_json.h"

namespace herder {

namespace {

Status check(const FileObjectStore& store, const Clock& clock, const api::Request& request,
             UrlVerb verb, const std::string& key) {
    return store.signer().verify(verb, key, request.query_or("expires", ""),
                                 request.query_or("signature", ""), clock.wall());
}

// A checkpoint's objects are written once; outputs and outcomes may come again from a retry.
bool is_write_once(const std::string& key) {
    return key.find("/ckpt/") != std::string::npos;
}

Status store_body(FileObjectStore& store, const api::Request& request, const std::string& key) {
    if (!request.body_file) return store.put(key, request.body, is_write_once(key));
    return store.adopt(key, request.body_file->take(), request.body_crc32c, is_write_once(key));
}

}  // namespace

bool is_artifact_path(const std::string& path) {
    return path.starts_with(kObjectsPath);
}

void handle_artifact(FileObjectStore& store, const Clock& clock, api::Request request,
                     const api::ExchangePtr& exchange) {
    const std::string key = request.path.substr(std::string(kObjectsPath).size());
    const bool is_put = request.method == "PUT";
    if (!is_put && request.method != "GET") {
        return exchange->respond(
            api::problem(invalid("only GET and PUT are possible here"), request.path));
    }
    const Status allowed =
        check(store, clock, request, is_put ? UrlVerb::kPut : UrlVerb::kGet, key);
    if (!allowed) {
        return exchange->respond(api::problem(allowed.error(), request.path));
    }
    api::Response response;
    if (is_put) {
        const Status stored = store_body(store, request, key);
        if (!stored) return exchange->respond(api::problem(stored.error(), request.path));
        response.body = "{}";
        return exchange->respond(std::move(response));
    }
    const Result<std::string> file = store.file_of(key);
    if (!file) return exchange->respond(api::problem(file.error(), request.path));
    response.content_type = "application/octet-stream";
    response.file = *file;
    exchange->respond(std::move(response));
}

}  // namespace herder
