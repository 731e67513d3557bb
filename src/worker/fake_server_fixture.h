#pragma once
// A tiny orchestrator and artifact store in this process, for the tests of the agent's shell.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "adapters/http/server.h"
#include "base/digest.h"
#include "core/checkpoints/part_plan.h"
#include "core/worker/worker_input.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/orders_json.h"
#include "protocol/output_parts_json.h"
#include "protocol/parts_json.h"
#include "protocol/report_json.h"
#include "protocol/tree_json.h"

namespace herder {

class FakeServer {
  public:
    using OnSync = std::function<protocol::SyncResponse(const AgentReport&)>;

    FakeServer() {
        auto started = http::Server::start(
            {}, [this](http::Request request, http::Responder to) { to.respond(answer(request)); });
        EXPECT_TRUE(started);
        server_ = std::move(*started);
    }
    ~FakeServer() { server_->stop(); }

    std::string url() const { return server_->url(); }
    void on_sync(OnSync fn) {
        const std::lock_guard lock(mutex_);
        on_sync_ = std::move(fn);
    }
    void put(const std::string& path, std::string body) {
        const std::lock_guard lock(mutex_);
        objects_[path] = std::move(body);
    }
    std::string get(const std::string& path) {
        const std::lock_guard lock(mutex_);
        return objects_[path];
    }
    std::string log(const std::string& stream) { return get("log/" + stream); }
    // The next `count` PUTs and GETs of objects are answered 503.
    void fail_objects(int count) {
        const std::lock_guard lock(mutex_);
        failures_ = count;
    }
    // The next GET of this object, or of a piece of it, gets it with its first byte changed.
    void damage_once(const std::string& path) {
        const std::lock_guard lock(mutex_);
        damaged_ = path;
    }
    void ignore_ranges() {
        const std::lock_guard lock(mutex_);
        ignores_ranges_ = true;
    }
    // Objects of so many parts of a byte each are asked for; they go to /artifacts/p/INDEX/NUMBER.
    void take_parts(int count) {
        const std::lock_guard lock(mutex_);
        parts_asked_ = count;
    }
    // Outputs of this size and more go in parts of 4 bytes, to /artifacts/out-parts/NAME/NUMBER,
    // and come together under their names.
    void take_large_outputs(std::int64_t size) {
        const std::lock_guard lock(mutex_);
        large_output_ = size;
    }
    // Called with each question where the parts of an output go. Must not call back.
    void on_output_parts(std::function<void(const protocol::OutputPartsRequest&)> fn) {
        const std::lock_guard lock(mutex_);
        on_output_parts_ = std::move(fn);
    }
    // The next calls of this path, or with this text in it, get this answer.
    void answer_next(const std::string& path, int count, int status, const std::string& body) {
        const std::lock_guard lock(mutex_);
        canned_ = {path, count, status, body};
    }
    // Called with each PUT of an object, before it is stored. Must not call back.
    void on_put(std::function<void()> fn) {
        const std::lock_guard lock(mutex_);
        on_put_ = std::move(fn);
    }
    // Signs its pieces as /artifacts/<chunk_key>.
    void know_tree(const std::string& key, const protocol::Tree& tree) {
        std::vector<std::string> urls;
        for (const auto& chunk : tree.chunks)
            urls.push_back("/artifacts/" + protocol::chunk_key(chunk.sha256));
        know_parts(key, std::move(urls));
    }
    // What it signs for the parts of a document.
    void know_parts(const std::string& key, std::vector<std::string> urls) {
        const std::lock_guard lock(mutex_);
        parts_[key] = std::move(urls);
    }
    void drop_log_answers(int count) {
        const std::lock_guard lock(mutex_);
        lost_log_answers_ = count;
    }
    // Waits for something to become true of what the server holds.
    bool wait(const std::function<bool()>& until) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), until);
    }
    // For `wait`, under its lock.
    const std::map<std::string, std::string>& objects() const { return objects_; }
    const std::vector<AgentReport>& reports() const { return reports_; }
    const std::vector<std::string>& calls() const { return calls_; }

  private:
    http::Response answer(const http::Request& request) {
        const std::string path(request.path());
        const std::unique_lock lock(mutex_);
        calls_.push_back(request.method + " " + path);
        http::Response response = route(request, path);
        changed_.notify_all();
        return response;
    }
    static http::Response json(std::string body, int status = 200) {
        return http::make_response(status, "application/json", std::move(body));
    }
    http::Response route(const http::Request& request, const std::string& path) {
        if (canned_.count > 0 && path.find(canned_.path) != std::string::npos) {
            --canned_.count;
            return json(canned_.body, canned_.status);
        }
        if (path == protocol::kAgentJoin) return join(request);
        if (path.rfind("/artifacts/", 0) == 0 || path.rfind(protocol::kAgentFiles, 0) == 0) {
            return object(request, path);
        }
        if (path.rfind("/api/v0/instances/", 0) == 0) return json(R"({"success":true})");
        if (request.bearer_token().value_or("") != "session") return json("{}", 401);
        if (path == protocol::kAgentLogs) return take_log(request);
        if (path == protocol::kAgentSign) return sign(request);
        if (path == protocol::kAgentOutputs) {
            objects_["hashes"] = request.body;
            return json("{}");
        }
        if (path == protocol::kAgentChunks) return sign_chunks(request);
        if (path == protocol::kAgentParts) return sign_parts(request);
        if (path == protocol::kAgentOutputParts) return sign_output_parts(request);
        if (path == protocol::kAgentOutputSent) return join_output(request);
        const auto report = protocol::parse_report(request.body);
        if (path != protocol::kAgentSync || !report) return json("{}", 400);
        reports_.push_back(*report);
        return json(protocol::to_json(on_sync_ ? on_sync_(*report) : protocol::SyncResponse{}));
    }
    static http::Response join(const http::Request& request) {
        const auto wish = protocol::parse_join_request(request.body);
        if (!wish || wish->token != "a-one-time-token") return json("{}", 403);
        return json(protocol::to_json(protocol::JoinResponse{1, "session", {1}, {3}}));
    }
    http::Response object(const http::Request& request, const std::string& path) {
        if (failures_ > 0 && failures_-- > 0) return json("{}", 503);
        if (request.method == "PUT") {
            if (on_put_) on_put_();
            objects_[path] = request.body;
            return json("{}");
        }
        if (!objects_.contains(path)) return json("{}", 404);
        std::string content = objects_[path];
        const std::string etag = '"' + sha256_hex(content) + '"';
        if (request.headers.get("if-match").value_or(etag) != etag) return json("{}", 412);
        const bool is_damaged = damaged_ == path && !std::exchange(damaged_, "").empty();
        const std::string range(request.headers.get("range").value_or(""));
        const bool is_whole = range.empty() || ignores_ranges_;
        const std::size_t from = is_whole ? 0 : std::stoul(range.substr(6));
        if (is_damaged) content.at(from) ^= 1;
        if (is_whole) return http::make_response(200, "application/octet-stream", content);
        const std::size_t to = std::stoul(range.substr(range.find('-') + 1));
        return http::make_response(206, "application/octet-stream",
                                   content.substr(from, to - from + 1));
    }
    http::Response sign_parts(const http::Request& request) {
        const auto wish = protocol::parse_parts_request(request.body);
        if (!wish) return json("{}", 400);
        protocol::PartsResponse response;
        for (int number = wish->from; number <= parts_asked_; ++number) {
            const std::string url =
                "/artifacts/p/" + std::to_string(wish->index) + "/" + std::to_string(number);
            if (objects_.contains(url)) continue;
            response.parts.push_back({number, Bytes{number - 1}, Bytes{1}, url, {}});
        }
        return json(protocol::to_json(response));
    }
    http::Response take_log(const http::Request& request) {
        const auto query = *request.query();
        std::string& text = objects_["log/" + query.get("stream").value_or("")];
        objects_["ages"] = query.get("ages").value_or("");
        const std::size_t offset = std::stoull(query.get("offset").value_or("0"));
        if (offset > text.size())
            return json(protocol::to_json(protocol::LogAnswer{text.size()}), 409);
        const std::size_t known = text.size() - offset;
        if (request.body.size() > known) text += request.body.substr(known);
        if (lost_log_answers_ > 0 && lost_log_answers_-- > 0) return json("{}", 503);
        return json(protocol::to_json(protocol::LogAnswer{text.size()}));
    }
    http::Response sign(const http::Request& request) {
        protocol::SignResponse response;
        const auto wish = protocol::parse_sign_request(request.body);
        for (std::size_t i = 0; i < wish->outputs.size(); ++i) {
            const bool is_large =
                large_output_ > 0 && i < wish->sizes.size() && wish->sizes[i] >= large_output_;
            response.urls.push_back(is_large ? "" : "/artifacts/out/" + wish->outputs[i]);
        }
        return json(protocol::to_json(response));
    }
    http::Response sign_output_parts(const http::Request& request) {
        const auto wish = protocol::parse_output_parts_request(request.body);
        if (!wish) return json("{}", 400);
        if (on_output_parts_) on_output_parts_(*wish);
        const std::string place = "/artifacts/out-parts/" + wish->output.path + "/";
        const auto known = output_sums_.find(wish->output.path);
        if (known != output_sums_.end() && known->second != wish->output.crc32c)
            std::erase_if(objects_, [&](const auto& one) { return one.first.starts_with(place); });
        output_sums_[wish->output.path] = wish->output.crc32c;
        protocol::PartsResponse response;
        const Bytes part_size{4};
        const int total = count_parts(wish->output.size, part_size);
        const int last = std::min(total, wish->from + protocol::kPartsWindow - 1);
        response.next = last < total ? last + 1 : 0;
        response.next_file = last < total ? 0 : 1;
        for (int number = wish->from; number <= last; ++number) {
            const std::string url = place + std::to_string(number);
            const auto range = range_of_part(number, wish->output.size, part_size);
            if (objects_.contains(url)) continue;
            response.parts.push_back({number, range.offset, range.size, url, {}});
        }
        return json(protocol::to_json(response));
    }
    http::Response join_output(const http::Request& request) {
        const auto sent = protocol::parse_sent_output(request.body);
        if (!sent) return json("{}", 400);
        std::string whole;
        for (int number = 1;; ++number) {
            const auto part =
                objects_.find("/artifacts/out-parts/" + sent->path + "/" + std::to_string(number));
            if (part == objects_.end()) break;
            whole += part->second;
        }
        const bool is_right = static_cast<std::int64_t>(whole.size()) == sent->size.count &&
                              crc32c(whole) == sent->crc32c;
        if (is_right) objects_["/artifacts/out/" + sent->path] = std::move(whole);
        return json("{}", is_right ? 200 : 404);
    }

    http::Response sign_chunks(const http::Request& request) {
        const auto wish = protocol::parse_chunk_wish(request.body);
        if (!wish || !parts_.contains(wish->tree)) return json("{}", 403);
        protocol::SignResponse response;
        const auto& urls = parts_[wish->tree];
        for (std::size_t i = wish->begin(); i < wish->end(urls.size()); ++i)
            response.urls.push_back(urls[i]);
        return json(protocol::to_json(response));
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    OnSync on_sync_;  // guarded by mutex_, like all below
    std::map<std::string, std::string> objects_;
    std::map<std::string, std::vector<std::string>> parts_;
    std::vector<AgentReport> reports_;
    std::vector<std::string> calls_;
    std::function<void()> on_put_;
    std::function<void(const protocol::OutputPartsRequest&)> on_output_parts_;
    std::string damaged_;
    bool ignores_ranges_ = false;
    int parts_asked_ = 0;
    std::int64_t large_output_ = 0;
    std::map<std::string, std::uint32_t> output_sums_;
    struct Canned {
        std::string path;
        int count = 0;
        int status = 0;
        std::string body;
    } canned_;
    int failures_ = 0;
    int lost_log_answers_ = 0;
    std::unique_ptr<http::Server> server_;  // last: its threads use the rest
};

// Time stands still, and whoever waits is noticed by asking for it.
class StillClock {
  public:
    std::function<Instant()> now() {
        return [this] {
            const std::lock_guard lock(mutex_);
            ++asked_;
            changed_.notify_all();
            return Instant{};
        };
    }
    // So many times more than until now.
    bool wait_asked(int times) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20),
                                 [this, until = asked_ + times] { return asked_ >= until; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int asked_ = 0;  // guarded by mutex_
};

// A folder that goes away with it.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = ::testing::TempDir() + "herder-agent-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// Inputs that the shell posts, in order.
class InputBox {
  public:
    void post(WorkerInput input) {
        const std::lock_guard lock(mutex_);
        inputs_.push_back(std::move(input));
        changed_.notify_all();
    }
    // The first of its kind, waiting for it.
    template <class T>
    T wait_for() {
        std::unique_lock lock(mutex_);
        T found{};
        const bool there = changed_.wait_for(lock, std::chrono::seconds(20), [&] {
            for (const WorkerInput& input : inputs_) {
                if (const T* body = std::get_if<T>(&input)) {
                    found = *body;
                    return true;
                }
            }
            return false;
        });
        EXPECT_TRUE(there) << "the input did not come";
        return found;
    }
    std::vector<WorkerInput> all() {
        const std::lock_guard lock(mutex_);
        return inputs_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<WorkerInput> inputs_;
};

}  // namespace herder
