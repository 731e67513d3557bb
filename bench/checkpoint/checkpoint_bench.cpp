// The agent's transfers beside bare loops over the same connections, in turns. Started by `run`.
//
//   upload  STORE FILE HOME TURNS     sends FILE raw, then as the agent does, TURNS times
//   memory  STORE FILE HOME           sends FILE once and watches this process's memory
//   restore STORE BYTES HOME TURNS    fetches an object of so many bytes into HOME, in turns
//
// Prints a line a measurement: NAME SECONDS CPU_SECONDS [RSS_ANON_KB].
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

#include "base/digest.h"
#include "core/checkpoints/part_plan.h"
#include "pretend_server.h"
#include "raw_loop.h"
#include "worker/transfers.h"

namespace herder::bench {
namespace {

namespace fs = std::filesystem;

struct Cost {
    double seconds = 0;
    double cpu = 0;
    long anonymous_kb = 0;
};

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "herder-checkpoint-bench: %s\n", why.c_str());
    std::exit(1);
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long anonymous_kb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("RssAnon:")) return std::atol(line.c_str() + 8);
    }
    return 0;
}

// What `work` costs; its memory is looked at fifty times a second where that is wanted.
Cost measure(const std::function<void()>& work, bool watches_memory = false) {
    Cost cost;
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;  // guarded by mutex
    std::thread watch;
    if (watches_memory) {
        watch = std::thread([&] {
            std::unique_lock lock(mutex);
            do
                cost.anonymous_kb = std::max(cost.anonymous_kb, anonymous_kb());
            while (!ended.wait_for(lock, std::chrono::milliseconds(20), [&] { return done; }));
        });
    }
    const double before = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    work();
    cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    cost.cpu = cpu_seconds() - before;
    {
        const std::lock_guard lock(mutex);
        done = true;
    }
    ended.notify_all();
    if (watch.joinable()) watch.join();
    return cost;
}

void print(const std::string& name, const Cost& cost) {
    std::printf("%s %.4f %.4f %ld\n", name.c_str(), cost.seconds, cost.cpu, cost.anonymous_kb);
    std::fflush(stdout);
}

// The agent without its brain: everything that moves files.
class AgentHalf {
  public:
    AgentHalf(PretendServer& server, const std::string& home)
        : home_(home), folders_(home), link_({server.url()}, "") {
        protocol::JoinRequest request;
        request.token = "token";
        if (const auto joined = link_.join(request); !joined) fail(joined.error().message);
        transfers_.connect(
            {[this] { return gifts_; }, [this](WorkerInput input) { take(std::move(input)); },
             [](const protocol::SecretsResponse&) { return ok(); }, [](const std::string&) {}});
    }

    CheckpointOffer stage(const std::string& file, std::uint64_t local_seq) {
        auto offer = staging_.stage({file, 1, {}, {}}, local_seq);
        if (!offer) fail(offer.error().message);
        return std::move(*offer);
    }
    void upload(const CheckpointOffer& offer, const protocol::PartRules& rules) {
        gifts_.upload_parts = rules;
        transfers_.upload({{1}, offer.local_seq, "checkpoint"}, offer.files);
        const auto ended = wait<worker_input::UploadEnded>();
        if (!ended.uploaded) fail("the upload failed");
        staging_.discard(offer.local_seq);
    }
    void restore(const protocol::RestorePlan& plan) {
        Assignment assignment;
        assignment.resume_from = plan.checkpoint;
        assignment.resume_name = "checkpoint";
        gifts_.restore = plan;
        transfers_.restore(assignment, gifts_);
        const auto ended = wait<worker_input::RestoreEnded>();
        if (ended.result != worker_input::RestoreResult::kOk) fail(ended.detail);
    }

  private:
    void take(WorkerInput input) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(input);
        changed_.notify_all();
    }
    template <class T>
    T wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return answer_.has_value(); });
        T found = std::get<T>(*answer_);
        answer_.reset();
        return found;
    }

    const std::string home_;
    const JobFolders folders_;
    ServerLink link_;
    LogSpool spool_{folders_.spool};
    LogShipper logs_{spool_, link_};
    CheckpointStaging staging_{folders_.staging};
    protocol::SyncResponse gifts_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<WorkerInput> answer_;  // guarded by mutex_
    Transfers transfers_{link_, logs_, staging_, {folders_, home_}};
};

RawPlace place_of(const std::string& store) {
    const char* wanted = std::getenv("HERDER_BENCH_CONNECTIONS");
    return {static_cast<std::uint16_t>(std::atoi(store.substr(store.rfind(':') + 1).c_str())),
            store.starts_with("https"), wanted != nullptr ? std::atoi(wanted) : 4};
}

// Signed URLs for all parts of a new object.
std::vector<RawPart> sign_all(PretendServer& server, const std::string& key, Bytes size) {
    MultipartUploads& uploads = *server.objects().multipart();
    const auto created = uploads.create(key);
    if (!created) fail(created.error().message);
    const PendingUpload upload{key, *created, {}};
    const UploadLimits limits = uploads.limits();
    const Bytes part_size = choose_part_size(size, limits.part_size_min, limits.parts_max);
    std::vector<RawPart> parts;
    for (int number = 1; number <= count_parts(size, part_size); ++number) {
        const PartRange range = range_of_part(number, size, part_size);
        const auto url = uploads.sign_part(upload, number, range.size, {}, server.soon());
        if (!url) fail(url.error().message);
        parts.push_back({http::parse_url(*url)->target,
                         static_cast<std::uint64_t>(range.offset.count),
                         static_cast<std::uint64_t>(range.size.count)});
    }
    return parts;
}

void upload(const std::string& store, const std::string& file, const std::string& home, int turns) {
    PretendServer server(store);
    AgentHalf agent(server, home);
    const Bytes size{static_cast<std::int64_t>(fs::file_size(file))};
    for (int turn = 0; turn < turns; ++turn) {
        // New ones in each turn of each process: what the store holds is not sent again.
        const std::string key = std::to_string(::getpid()) + "/" + std::to_string(turn);
        const auto parts = sign_all(server, "raw/" + key, size);
        print("raw", measure([&] { raw_upload(place_of(store), file, parts); }));
        server.expect("agent/" + key, size);
        CheckpointOffer offer;
        print("stage",
              measure([&] { offer = agent.stage(file, static_cast<std::uint64_t>(turn) + 1); }));
        print("agent", measure([&] { agent.upload(offer, server.rules()); }));
    }
}

void memory(const std::string& store, const std::string& file, const std::string& home) {
    PretendServer server(store);
    AgentHalf agent(server, home);
    server.expect("large", Bytes{static_cast<std::int64_t>(fs::file_size(file))});
    print("agent", measure(
                       [&] {
                           const CheckpointOffer offer = agent.stage(file, 1);
                           agent.upload(offer, server.rules());
                       },
                       true));
}

// An object of `size` bytes that do not repeat, and its checksum.
std::uint32_t fill_store(PretendServer& server, const std::string& home, Bytes size) {
    const std::string path = home + "/source";
    std::ofstream file(path, std::ios::binary);
    std::string block(1 << 20, '\0');
    std::uint64_t state = 1;
    std::uint32_t crc = 0;
    for (std::int64_t done = 0; done < size.count;
         done += static_cast<std::int64_t>(block.size())) {
        for (std::size_t i = 0; i < block.size(); i += 8) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            std::memcpy(block.data() + i, &state, 8);
        }
        file << block;
        crc = crc32c(block, crc);
    }
    file.close();
    const auto put =
        static_cast<s3::S3ObjectStore&>(server.objects()).put_file("object", path, crc, false);
    if (!put) fail(put.error().message);
    fs::remove(path);
    return crc;
}

bool takes_direct(const std::string& folder) {
    const std::string path = folder + "/direct";
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_DIRECT, 0600);
    ::close(descriptor);
    ::unlink(path.c_str());
    return descriptor >= 0;
}

void restore(const std::string& store, Bytes size, const std::string& home, int turns) {
    PretendServer server(store);
    fs::create_directories(home);
    const std::uint32_t crc = fill_store(server, home, size);
    AgentHalf agent(server, home);
    const auto url = server.objects().sign(UrlVerb::kGet, "object", server.soon());
    if (!url) fail(url.error().message);
    std::vector<RawPart> parts;
    constexpr std::uint64_t kRange = 16 << 20;
    for (std::uint64_t at = 0; at < static_cast<std::uint64_t>(size.count); at += kRange)
        parts.push_back({http::parse_url(*url)->target, at, kRange});
    const bool direct = takes_direct(home);
    for (int turn = 0; turn < turns; ++turn) {
        const std::string file = home + "/raw";
        print("raw", measure([&] { raw_download(place_of(store), file, direct, parts); }));
        fs::remove(file);
        print("agent",
              measure([&] { agent.restore({{1}, {{{"weights.bin", size, crc, 0644}, *url}}}); }));
        fs::remove_all(JobFolders(home).restored);
    }
}

}  // namespace
}  // namespace herder::bench

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);  // as the agent does
    const std::vector<std::string> words(argv + 1, argv + argc);
    const std::string verb = words.empty() ? "" : words[0];
    if (verb == "upload" && words.size() == 5)
        herder::bench::upload(words[1], words[2], words[3], std::atoi(words[4].c_str()));
    else if (verb == "memory" && words.size() == 4)
        herder::bench::memory(words[1], words[2], words[3]);
    else if (verb == "restore" && words.size() == 5)
        herder::bench::restore(words[1], {std::atoll(words[2].c_str())}, words[3],
                               std::atoi(words[4].c_str()));
    else
        return std::fprintf(stderr, "usage: see the top of checkpoint_bench.cpp\n"), 2;
    return 0;
}
