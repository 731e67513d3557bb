#pragma once
// The API over a real core and engine thread, with a market, an object store and a clock in the
// test's hand, and exchanges that record what was answered. Only for the tests of this folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/agent_api.h"
#include "api/answer_record_fixture.h"
#include "api/api.h"
#include "base/digest.h"
#include "base/random.h"
#include "engine/engine_rig.h"
#include "protocol/spec_json.h"

namespace herder::api {

// What came back for one request; shared by the test and the exchange. It goes into the record of
// answers (answer_record_fixture.h) when the last of them lets it go.
struct Recorded {
    explicit Recorded(const Request& wish = {}) : request(wish) {
        request.body_file.reset();  // the upload's file ends with the request, not with the test
    }
    ~Recorded() {
        if (answered || streams) record_answer(request, response, streams ? text : response.body);
    }
    Recorded(const Recorded&) = delete;
    Recorded& operator=(const Recorded&) = delete;

    Request request;  // empty: not one of the API's, and not recorded
    std::mutex mutex;
    std::condition_variable changed;
    bool answered = false;  // guarded by mutex, like all below
    bool streams = false;
    bool closed = false;
    bool open = true;
    bool takes = true;  // false: the client reads too slowly
    Response response;
    std::string text;  // of a stream
    std::function<void()> drained;
    std::function<void()> on_answer;

    template <class Done>
    bool wait(Done done) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(20), done);
    }
};
using RecordedPtr = std::shared_ptr<Recorded>;  // by test, exchange and stream

class RecordingStream : public Stream {
  public:
    explicit RecordingStream(RecordedPtr to) : to_(std::move(to)) {}
    bool write(const std::string& chunk) override {
        const std::lock_guard lock(to_->mutex);
        if (!to_->open || !to_->takes) return false;
        to_->text += chunk;
        to_->changed.notify_all();
        return true;
    }
    bool is_open() const override {
        const std::lock_guard lock(to_->mutex);
        return to_->open;
    }
    void close() override {
        const std::lock_guard lock(to_->mutex);
        to_->closed = true;
        to_->changed.notify_all();
    }
    void on_drain(std::function<void()> fn) override {
        const std::lock_guard lock(to_->mutex);
        to_->drained = std::move(fn);
    }

  private:
    const RecordedPtr to_;
};

class RecordingExchange : public Exchange {
  public:
    explicit RecordingExchange(RecordedPtr to) : to_(std::move(to)) {}
    bool is_alive() const override { return true; }
    void on_gone(std::function<void()>) override {}

  private:
    void send(Response response) override {
        std::function<void()> on_answer;
        {
            const std::lock_guard lock(to_->mutex);
            EXPECT_FALSE(to_->answered) << "answered twice";
            to_->answered = true;
            to_->response = std::move(response);
            on_answer = to_->on_answer;
            to_->changed.notify_all();
        }
        if (on_answer) on_answer();
    }
    std::unique_ptr<Stream> open(Response head) override {
        const std::lock_guard lock(to_->mutex);
        to_->response = std::move(head);
        to_->streams = true;
        return std::make_unique<RecordingStream>(to_);
    }

    const RecordedPtr to_;
};

class HandClock : public Clock {
  public:
    Instant monotonic() const override { return Instant{seconds(100).us + passed.load()}; }
    WallTime wall() const override { return WallTime{1'790'000'000'000'000 + passed.load()}; }
    std::atomic<std::int64_t> passed{0};
};

class FakeProvider : public Provider {
  public:
    std::string name() const override { return "vast"; }
    Result<std::vector<Offer>> search(const OfferQuery& query) override {
        if (broken) return unavailable("the market does not answer");
        std::vector<Offer> found;
        for (const Offer& offer : offers) {
            if (offer.interruptible == query.interruptible &&
                (query.gpu_name.empty() || query.gpu_name == offer.gpu_name)) {
                found.push_back(offer);
            }
        }
        return found;
    }
    CreateAnswer create(const CreateRequest&) override { return {}; }
    CallAnswer destroy(ContractId) override { return {}; }
    Result<std::string> logs(ContractId contract, const LogQuery& query) override {
        if (broken) return unavailable("the market does not answer");
        return std::to_string(contract.value) + (query.host_side ? " host " : " container ") +
               std::to_string(query.lines) + "\n";
    }
    Result<std::vector<ListedMachine>> list() override { return std::vector<ListedMachine>{}; }
    CallAnswer change_bid(ContractId, UsdPerHour) override { return {}; }
    Result<std::vector<ChargeRow>> charges(std::int64_t, std::int64_t) override {
        return std::vector<ChargeRow>{};
    }
    Result<AccountInfo> account() override { return AccountInfo{"mara", usd_micros(12'500'000)}; }

    std::vector<Offer> offers = make_offers().offers;  // set before the first request
    std::atomic<bool> broken{false};
};

// Used by the engine's thread, the disk's and the test's in turn, never at once.
class FakeObjects : public ObjectStore {
  public:
    Status put(const std::string& key, const std::string& data, bool only_if_absent) override {
        if (only_if_absent && content.contains(key))
            return Error{ErrorCode::kConflict, key + " is there already"};
        content[key] = data;
        return ok();
    }
    Result<std::string> get(const std::string& key, std::size_t) override {
        if (is_away) return unavailable("no route to the store");
        if (!content.contains(key)) return not_found(key);
        return content.at(key);
    }
    Result<ObjectInfo> head(const std::string& key) override {
        if (!content.contains(key)) return not_found("there is no object " + key);
        return info(key);
    }
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t) override {
        if (is_away) return unavailable("the store does not answer");
        std::vector<ObjectInfo> found;
        for (const auto& [key, data] : content) {
            if (key.starts_with(prefix)) found.push_back(info(key));
        }
        return found;
    }
    Status remove(const std::string& key) override {
        content.erase(key);
        return ok();
    }
    Result<std::string> sign(UrlVerb verb, const std::string& key, WallTime) override {
        return std::string(verb == UrlVerb::kPut ? "put:" : "get:") + key;
    }
    MultipartUploads* multipart() override { return parts; }
    std::map<std::string, std::string> content;
    std::atomic<bool> is_away{false};
    MultipartUploads* parts = nullptr;  // not this store's to own

  private:
    ObjectInfo info(const std::string& key) const {
        return {key, Bytes{static_cast<std::int64_t>(content.at(key).size())}, std::nullopt,
                std::nullopt};
    }
};

class QueueRunner : public EffectRunner {
  public:
    void run(const Effect& effect, Instant) override {
        const std::lock_guard lock(mutex_);
        if (const auto* create = std::get_if<effect::CreateMachine>(&effect)) created_ = *create;
    }
    std::optional<effect::CreateMachine> created() const {
        const std::lock_guard lock(mutex_);
        return created_;
    }

  private:
    mutable std::mutex mutex_;
    std::optional<effect::CreateMachine> created_;  // guarded by mutex_
};

// Not a fixture by inheritance: tests own as many as they like.
// Every bucket holds the same files; with a slash at its end a source is a folder.
struct FakeBuckets : DataBuckets {
    std::vector<BucketFile> files{{"a", Bytes{3}, "\"e\""}, {"b c", Bytes{4}, ""}};
    Result<std::vector<BucketFile>> list(const std::string& source, std::size_t limit) override {
        if (!source.starts_with("s3://")) return not_found("no bucket " + source);
        if (files.size() > limit) return invalid("too many");
        if (source.ends_with('/')) return files;
        return std::vector{files[0]};
    }
    Result<std::string> sign(const std::string& source, const std::string& path,
                             WallTime) override {
        return source + path + "?signed";
    }
};

struct ApiRig {
    ApiRig() : ApiRig(nullptr) {}
    // With a store that outlives it, for tests of a restart.
    explicit ApiRig(FakeStore::Content& kept) : ApiRig(&kept) {}
    explicit ApiRig(FakeStore::Content* kept)
        : content(kept == nullptr ? own_content : *kept),
          folder(make_folder()),
          logs({{.folder = folder, .stream_limit = 1 << 20}}, objects) {
        agent_file = folder + "/agent.bin";
        EXPECT_TRUE(engine.start());
        feed_input(listing({}));
    }
    ~ApiRig() {
        api.stop();
        agents.stop();
        provider_runner.stop();
        engine.stop();
        std::filesystem::remove_all(folder);
    }
    ApiRig(const ApiRig&) = delete;
    ApiRig& operator=(const ApiRig&) = delete;

    static std::string make_folder() {
        std::string name = ::testing::TempDir() + "herder-api-XXXXXX";
        return mkdtemp(name.data());
    }

    // ---- requests ----
    static Request request(const std::string& method, const std::string& path,
                           std::map<std::string, std::string> query = {}, std::string body = "") {
        Request out;
        out.method = method;
        out.path = path;
        out.query = std::move(query);
        out.body = std::move(body);
        out.bearer = "secret";
        return out;
    }
    RecordedPtr send(Request wish) {
        auto recorded = std::make_shared<Recorded>(wish);
        api.handle(std::move(wish), std::make_shared<RecordingExchange>(recorded));
        return recorded;
    }
    static Response answer_of(Recorded& recorded) {
        EXPECT_TRUE(recorded.wait([&] { return recorded.answered; })) << "no answer";
        const std::lock_guard lock(recorded.mutex);
        return recorded.response;
    }
    Response call(Request wish) { return answer_of(*send(std::move(wish))); }
    Response get(const std::string& path, std::map<std::string, std::string> query = {}) {
        return call(request("GET", path, std::move(query)));
    }
    Response post(const std::string& path, std::string body = "") {
        return call(request("POST", path, {}, std::move(body)));
    }
    Response submit(const JobSpec& spec, const std::string& key = "") {
        Request wish =
            request("POST", "/api/v1/jobs", {}, R"({"spec":)" + protocol::to_json(spec) + "}");
        wish.idempotency_key = key;
        return call(std::move(wish));
    }
    static JobSpec spec(const std::string& name) {
        JobSpec out = make_submit(0).spec;
        out.name = name;
        return out;
    }
    RecordedPtr send_agent(Request wish) {
        auto recorded = std::make_shared<Recorded>(wish);
        agents.handle(std::move(wish), std::make_shared<RecordingExchange>(recorded));
        return recorded;
    }
    Response agent(const std::string& method, const std::string& path, const std::string& key = "",
                   std::string body = "", std::map<std::string, std::string> query = {}) {
        Request wish = request(method, path, std::move(query), std::move(body));
        wish.bearer = key;
        return answer_of(*send_agent(std::move(wish)));
    }

    // ---- the world ----
    std::string write_file(const std::string& name, const std::string& text) const {
        std::ofstream(folder + "/" + name, std::ios::binary) << text;
        return folder + "/" + name;
    }
    Status adopt(const std::string& key, const std::string& file) {
        std::ifstream stream(file, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(stream), {}};
        std::filesystem::remove(file);
        return objects.put(key, text, true);
    }
    void advance(Duration by) { clock.passed += by.us; }
    // Readers run between two batches, so each fetch lets the engine do at least one of them.
    void settle() {
        for (int i = 0; i < 6; ++i)
            (void)engine.fetch<bool>([](const State&, Instant) { return true; });
    }
    void feed_input(InputBody body) {
        engine.post(std::move(body));
        settle();
        advance(milliseconds(10));
    }
    input::MachinesListed listing(std::vector<ListedMachine> machines) {
        input::MachinesListed listed;
        listed.complete = true;
        listed.asked = engine.fetch<Instant>([](const State&, Instant now) { return now; });
        listed.machines = std::move(machines);
        return listed;
    }
    // Takes the only job that waits to where its machine is rented and seen running.
    effect::CreateMachine rent() {
        settle();
        feed_input(make_offers());
        const auto create = runner.created();
        EXPECT_TRUE(create.has_value()) << "nothing was rented";
        if (!create) return {};
        feed_input(input::CreateStarted{create->intent.id});
        input::CreateEnded created;
        created.intent = create->intent.id;
        created.outcome = input::CallOutcome::kDone;
        created.contract = ContractId{501};
        feed_input(created);
        feed_input(
            listing({{ContractId{501}, create->intent.label, MachineState::kRunning, "", {}, {}}}));
        return *create;
    }

    FakeStore::Content own_content;
    FakeStore::Content& content;
    FakeStore store{content};
    HandClock clock;
    FakeEntropy entropy;
    QueueRunner runner;
    FakeProvider provider;
    FakeObjects objects;
    FakeBuckets buckets;
    LiveFeed feed;
    std::string folder;
    std::string agent_file;
    LogStore logs;
    Core core{ClusterIdentity{"test", std::string(32, 'k')}, Settings{}};
    EngineThread engine{core,
                        store,
                        clock,
                        entropy,
                        runner,
                        {},
                        [this](const Output& output) { feed.ring(output); }};
    ProviderRunner provider_runner{
        provider,
        {[](const InputBody&) {}, [] { return Instant{}; }, [] { return true; },
         [](const effect::CreateMachine&) { return CreateRequest{}; }}};
    std::vector<DeniedLogs> denied_logs;
    std::uint64_t secret_draws = 0;  // under the store's lock
    SecretStore secrets{{folder, [this](std::size_t size) {
                             std::string bytes;
                             while (bytes.size() < size)
                                 bytes.push_back(static_cast<char>(mix64(++secret_draws)));
                             return bytes;
                         }}};
    Api api{{engine, store, objects, provider_runner, logs, feed, secrets},
            {sha256_hex("secret"),
             "1.2.3",
             1000,
             [this] { return clock.wall(); },
             "default",
             {},
             {},
             {},
             {},
             [this](const std::string& key, const std::string& file, std::uint32_t) {
                 return adopt(key, file);
             },
             &buckets,
             std::string(32, 'm'),
             [this] { return denied_logs; }}};
    AgentApi agents{
        {engine, objects, logs, feed, clock, secrets},
        {"server-secret", "vast", seconds(10), "", {{"abc", "/srv/agent.bin"}}, &buckets}};
};

}  // namespace herder::api
