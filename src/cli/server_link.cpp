#include "cli/server_link.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "cli/cells.h"
#include "cli/patience.h"

namespace herder::cli {

namespace {

constexpr int kBusyTries = 10;  // some five seconds

constexpr char kUsualUrl[] = "http://127.0.0.1:8750";
constexpr char kBase[] = "/api/v1";
constexpr std::size_t kAnswerSizeMax = 64 << 20;
constexpr std::size_t kPageSize = 1000;  // the server gives no more at once

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    std::string all = std::move(text).str();
    while (!all.empty() && (all.back() == '\n' || all.back() == '\r'))
        all.pop_back();
    return all;
}

ErrorCode code_of_status(int status) {
    switch (status) {
        case 400:
        case 405:
        case 413:
            return ErrorCode::kInvalid;
        case 401:
            return ErrorCode::kUnauthenticated;
        case 403:
            return ErrorCode::kForbidden;
        case 404:
            return ErrorCode::kNotFound;
        case 409:
            return ErrorCode::kConflict;
        case 429:
            return ErrorCode::kRateLimited;
        case 503:
            return ErrorCode::kUnavailable;
        case 504:
            return ErrorCode::kTimedOut;
        default:
            return ErrorCode::kInternal;
    }
}

ErrorCode code_of_word(const std::string& word, ErrorCode otherwise) {
    for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
        if (to_api_word(static_cast<ErrorCode>(i)) == word) return static_cast<ErrorCode>(i);
    }
    return otherwise;
}

// The single complaints and the hints of a problem, each on a line of its own.
std::string details_of(const Json& problem) {
    std::string text;
    const Json* errors = problem.find("errors");
    if (errors != nullptr && errors->if_array() != nullptr) {
        // One that says the same as the whole says nothing more.
        const bool is_said =
            errors->if_array()->size() == 1 &&
            text_at(errors->if_array()->front(), "message") == text_at(problem, "detail") &&
            text_at(errors->if_array()->front(), "suggestion").empty();
        for (const Json& one : *errors->if_array()) {
            if (is_said) break;
            text += "\n  " + text_at(one, "pointer") + ": " + text_at(one, "message");
            const std::string suggestion = text_at(one, "suggestion");
            if (!suggestion.empty()) text += "; did you mean '" + suggestion + "'?";
        }
    }
    const Json* help = problem.find("help");
    if (help != nullptr && help->if_array() != nullptr) {
        for (const Json& one : *help->if_array())
            text += "\n  hint: " + text_of(&one);
    }
    return text;
}

Result<Json> to_json(const http::Response& response) {
    if (response.body.empty()) return Json(Json::Object{});
    Result<Json> parsed = protocol::parse_json(response.body, kAnswerSizeMax);
    if (!parsed) return parsed.error().with_context("the server's answer");
    return parsed;
}

using OnPiece = std::function<Status(std::string_view piece)>;

// Whoever takes the pieces fails for reasons of his own, such as a full disk: no word of the
// server.
OnPiece taking(const OnPiece& on_piece, Status& taken) {
    return [&on_piece, &taken](std::string_view piece) {
        taken = on_piece(piece);
        return taken;
    };
}

std::string with_query(const std::string& target, const std::string& more) {
    return target + (target.find('?') == target.npos ? "?" : "&") + more;
}

}  // namespace

ServerAddress find_server(const GlobalOptions& options) {
    ServerAddress address;
    address.token = environment("HERDER_TOKEN");
    if (address.token.empty()) address.token = read_text(options.data_dir + "/token");
    const Result<Json> left =
        protocol::parse_json(read_text(options.data_dir + "/server.json"), 64 << 10);
    if (left) {
        address.url = text_at(*left, "url");
    }
    if (!options.server_url.empty()) address.url = options.server_url;
    if (address.url.empty()) address.url = kUsualUrl;
    return address;
}

Error to_error(const http::Response& response) {
    const ErrorCode by_status = code_of_status(response.status);
    const Result<Json> problem = protocol::parse_json(response.body, kAnswerSizeMax);
    if (!problem || problem->if_object() == nullptr) {
        return {by_status, "the server answered " + std::to_string(response.status) + " " +
                               http::reason_phrase(response.status)};
    }
    std::string message = text_at(*problem, "detail");
    if (message.empty()) message = text_at(*problem, "title");
    if (response.status == 401) {
        message += "; herder takes it from HERDER_TOKEN or from the file 'token' in --data-dir";
    }
    const std::string request = text_at(*problem, "request_id");
    if (response.status >= 500 && !request.empty())
        message += " (request " + request + ", see the server's log)";
    return {code_of_word(text_at(*problem, "code"), by_status),
            printable(message + details_of(*problem), true)};
}

Result<ServerLink> ServerLink::open(const GlobalOptions& options) {
    ServerAddress address = find_server(options);
    Result<std::unique_ptr<http::Client>> client = http::Client::open(address.url);
    if (!client) return client.error().with_context("the server's address '" + address.url + "'");
    return ServerLink(std::move(address), std::move(*client));
}

http::Request ServerLink::request(const std::string& method, const std::string& target) const {
    http::Request made;
    made.method = method;
    made.target = kBase + target;
    if (!address_.token.empty()) made.headers.set("Authorization", "Bearer " + address_.token);
    return made;
}

Result<http::Response> ServerLink::call(const http::Request& request,
                                        const http::CallOptions& options) {
    Result<http::Response> answer = client_->call(request, options).to_result();
    if (answer || answer.error().code != ErrorCode::kUnavailable) return answer;
    return unavailable("no server answers at " + address_.url + " (" + answer.error().message +
                       "); start one with 'herder up'");
}

Result<Json> ServerLink::get(const std::string& target) {
    http::CallOptions options;
    options.body_limit = kAnswerSizeMax;
    const Result<http::Response> answer = call(request("GET", target), options);
    if (!answer) return answer.error();
    if (!answer->is_success()) return to_error(*answer);
    return to_json(*answer);
}

Result<Json> ServerLink::send(const std::string& method, const std::string& target,
                              const Json& body, const std::string& key) {
    http::Request made = request(method, target);
    made.headers.set("Content-Type", "application/json");
    if (!key.empty()) made.headers.set("Idempotency-Key", key);
    made.body = body.to_text();
    const Result<http::Response> answer = call(made, {});
    if (!answer) return answer.error();
    if (!answer->is_success()) return to_error(*answer);
    return to_json(*answer);
}

Result<Json::Array> ServerLink::list(const std::string& target, std::size_t limit, bool* is_cut) {
    Json::Array items;
    std::string cursor;
    do {
        std::string page = with_query(
            target, "limit=" + std::to_string(std::min(kPageSize, limit - items.size())));
        if (!cursor.empty()) page += "&cursor=" + http::percent_encode(cursor);
        const Result<Json> answer = get(page);
        if (!answer) return answer.error();
        const Json* more = answer->find("items");
        if (more == nullptr || more->if_array() == nullptr) {
            return internal("the server's answer to " + target + " has no list 'items'");
        }
        items.insert(items.end(), more->if_array()->begin(), more->if_array()->end());
        cursor = more->if_array()->empty() ? "" : text_at(*answer, "next_cursor");
    } while (!cursor.empty() && items.size() < limit);
    if (is_cut != nullptr) *is_cut = !cursor.empty();
    return items;
}

Result<bool> ServerLink::has(const std::string& target) {
    const Result<http::Response> answer = call(request("HEAD", target), {});
    if (!answer) return answer.error();
    if (answer->status == 404) return false;
    if (!answer->is_success()) return to_error(*answer);
    return true;
}

Status ServerLink::put_bytes(const std::string& target, const std::string& bytes) {
    http::Request made = request("PUT", target);
    made.headers.set("Content-Type", "application/gzip");
    made.body = bytes;
    http::CallOptions options;
    options.timeout = minutes(10);
    const Result<http::Response> answer = call(made, options);
    if (!answer) return answer.error();
    if (!answer->is_success()) return to_error(*answer);
    return ok();
}

Status ServerLink::download(const std::string& target,
                            const std::function<Status(std::string_view piece)>& on_piece) {
    http::CallOptions options;
    options.timeout = hours(12);
    options.idle_timeout = minutes(2);
    Status taken;
    options.on_chunk = taking(on_piece, taken);
    const Result<http::Response> answer = call(request("GET", target), options);
    if (!taken) return taken;
    if (!answer) return answer.error();
    if (answer->status == 307 || answer->status == 302) {
        const auto location = answer->headers.get("Location");
        if (location) return follow(std::string(*location), on_piece);
    }
    if (!answer->is_success()) return to_error(*answer);
    return ok();
}

// The signed URL carries its own permission: our token stays here.
Status ServerLink::follow(const std::string& location,
                          const std::function<Status(std::string_view piece)>& on_piece) {
    const Result<http::Url> url = http::parse_url(location);
    if (!url) return url.error().with_context("where the server sent us for the file");
    const Result<std::unique_ptr<http::Client>> client = http::Client::open(*url);
    if (!client) return client.error();
    http::Request made;
    made.target = url->target;
    http::CallOptions options;
    options.timeout = hours(12);
    options.idle_timeout = minutes(2);
    Status taken;
    options.on_chunk = taking(on_piece, taken);
    // A store that is asked for too much says so before the first byte.
    Patience patience;
    for (int i = 1;; ++i) {
        const Result<http::Response> answer = (*client)->call(made, options).to_result();
        if (!taken) return taken;
        if (!answer) return answer.error();
        if (answer->is_success()) return ok();
        const bool is_busy = answer->status == 503 || answer->status == 429;
        if (!is_busy || i == kBusyTries || !patience.wait(false, seconds(2)))
            return to_error(*answer);
    }
}

Result<std::string> job_path(ServerLink& server, const std::string& reference,
                             const std::string& rest) {
    if (reference != "-") return "/jobs/" + http::percent_encode(reference) + rest;
    const Result<Json::Array> newest = server.list("/jobs?all=true", 1);
    if (!newest) return newest.error();
    if (newest->empty()) return not_found("there is no job yet; launch one with 'herder launch'");
    return "/jobs/" + text_at(newest->front(), "id") + rest;
}

Result<std::string> fresh_key() {
    std::ifstream source("/dev/urandom", std::ios::binary);
    std::string bytes(16, '\0');
    if (!source.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
        return unavailable("cannot read /dev/urandom for a fresh key");
    }
    return to_hex(bytes);
}

}  // namespace herder::cli
