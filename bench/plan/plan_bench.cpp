// What it costs the server to let one large file come in parts. Started by `run`.
//
//   herder-plan-bench BYTES TURNS
//
// Prints a line a measurement and turn: NAME CPU_SECONDS [NUMBER]. Beside it what no server can
// beat: as many canonical requests hashed, and signed with a key that was derived once.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "adapters/http/client.h"
#include "adapters/http/server.h"
#include "adapters/objects/s3/s3_object_store.h"
#include "adapters/system/system_clock.h"
#include "api/part_desk.h"
#include "core/checkpoints/part_plan.h"
#include "engine/upload_completion.h"
#include "plan_store.h"

namespace herder::bench {
namespace {

constexpr char kTeam[] =
    "v1/research/job-01JDQ8ZV3N9T4K7M2P5R8W1Y6B/ckpt/"
    "000000120000-a000003-01JDQ8ZV3N9T4K7M2P5R8W1Y6B/o/";
// Parts that are on their way while the next window is asked for.
constexpr int kUnderWay = 8;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "herder-plan-bench: %s\n", why.c_str());
    std::exit(1);
}

double seconds_of(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

long resident_kb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
    }
    return 0;
}

std::unique_ptr<s3::S3ObjectStore> open_store(const std::string& url, const Clock& clock) {
    s3::ClientSettings settings;
    settings.location = *s3::parse_location("s3://bucket/runs?endpoint=" + url +
                                            "&region=us-east-1&addressing=path");
    settings.credentials = []() -> Result<s3::Credentials> {
        return s3::Credentials{
            "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", {}};
    };
    settings.route = s3::Route{"us-east-1", false};
    auto client = s3::S3Client::open(std::move(settings), clock);
    if (!client) fail(client.error().message);
    remote::Abilities abilities;
    abilities.multipart = true;
    abilities.signed_size = true;
    return std::make_unique<s3::S3ObjectStore>(std::move(*client), abilities, clock);
}

struct Plan {
    SystemClock clock;
    PlanStore& bucket;
    std::unique_ptr<s3::S3ObjectStore> store;
    CheckpointFile file;
    api::PartDesk::Object object;
    Bytes part_size;
    int parts = 0;

    Plan(PlanStore& at, Bytes size, int turn) : bucket(at), store(open_store(at.url(), clock)) {
        object = {kTeam + std::to_string(turn), size};
        const UploadLimits limits = store->multipart()->limits();
        part_size = choose_part_size(size, limits.part_size_min, limits.parts_max);
        parts = count_parts(size, part_size);
        bucket.hold(0);
    }
    WallTime soon() const { return clock.wall() + hours(1); }
};

// As the handler of the endpoint does it.
std::string answer(Plan& plan, api::PartDesk& desk, const std::string& body) {
    const auto wish = protocol::parse_parts_request(body);
    if (!wish) fail(wish.error().message);
    const auto signed_parts = desk.sign({plan.object}, *wish, plan.soon());
    if (!signed_parts) fail(signed_parts.error().message);
    return protocol::to_json(*signed_parts);
}

std::string wish_from(int number) {
    return protocol::to_json(protocol::PartsRequest{CheckpointId{7}, 0, number, {}});
}

// Every window, each once the parts of those before have arrived but the last few.
void sign(Plan& plan) {
    api::PartDesk desk(*plan.store);
    const long before = resident_kb();
    double cpu = 0;
    std::size_t bytes = 0;
    for (int from = 1; from <= plan.parts; from += protocol::kPartsWindow) {
        plan.bucket.hold(std::max(0, from - 1 - kUnderWay));
        const std::string body = wish_from(from);
        const double began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        bytes += answer(plan, desk, body).size();
        cpu += seconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
    }
    std::printf("sign %.6f %zu\nmemory 0 %ld\n", cpu, bytes, resident_kb() - before);
}

// The same with the server's sockets and threads: this process's CPU; who asks is another.
void serve(Plan& plan) {
    api::PartDesk desk(*plan.store);
    int said[2];
    if (::pipe(said) != 0) fail("pipe");
    const pid_t asker = ::fork();
    if (asker < 0) fail("fork");
    if (asker == 0) {
        std::string url;
        for (char c = 0; ::read(said[0], &c, 1) == 1 && c != '\n';)
            url += c;
        const auto client = http::Client::open(url);
        for (int from = 1; client && from <= plan.parts; from += protocol::kPartsWindow) {
            http::Request request;
            request.method = "POST";
            request.body = wish_from(from);
            const auto got = (*client)->call(request);
            if (!got || !got->is_success()) std::_Exit(1);
        }
        std::_Exit(client ? 0 : 1);
    }
    auto server = http::Server::start({}, [&](http::Request request, http::Responder to) {
        to.respond(http::make_response(200, "application/json", answer(plan, desk, request.body)));
    });
    if (!server) fail("serving");
    const std::string url = (*server)->url() + "\n";
    const double began = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    if (::write(said[1], url.data(), url.size()) < 0) fail("telling the address");
    int status = 1;
    if (::waitpid(asker, &status, 0) != asker || status != 0) fail("asking for the parts");
    std::printf("serve %.6f\n", seconds_of(CLOCK_PROCESS_CPUTIME_ID) - began);
    (*server)->stop();
}

// The store's list of all parts, looked through, and the call that makes the object of them.
void complete(Plan& plan) {
    api::PartDesk desk(*plan.store);
    (void)answer(plan, desk, wish_from(1));
    plan.bucket.hold(plan.parts);
    // The bucket's parts are all of one size.
    plan.file.size = Bytes{plan.parts * plan.part_size.count};
    const double began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    const auto done = complete_object(*plan.store, plan.object.key, plan.file);
    const double cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
    if (!done) fail(done.error().message);
    std::printf("complete %.6f\n", cpu);
}

void bare(int parts) {
    const std::string canonical(620, 'c');  // about what one part's canonical request is
    const std::string text(140, 't');
    const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::array<unsigned char, 64> block{};
    std::array<unsigned char, 32> hash{};
    unsigned int size = 0;
    const double began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < parts; ++i) {
        EVP_DigestInit_ex(context, algorithm, nullptr);
        EVP_DigestUpdate(context, canonical.data(), canonical.size());
        EVP_DigestFinal_ex(context, hash.data(), &size);
        // HMAC: the key's block and the text, then the key's other block and that.
        EVP_DigestInit_ex(context, algorithm, nullptr);
        EVP_DigestUpdate(context, block.data(), block.size());
        EVP_DigestUpdate(context, text.data(), text.size());
        EVP_DigestFinal_ex(context, hash.data(), &size);
        EVP_DigestInit_ex(context, algorithm, nullptr);
        EVP_DigestUpdate(context, block.data(), block.size());
        EVP_DigestUpdate(context, hash.data(), hash.size());
        EVP_DigestFinal_ex(context, hash.data(), &size);
    }
    std::printf("bare %.6f %d\n", seconds_of(CLOCK_THREAD_CPUTIME_ID) - began, parts);
    EVP_MD_CTX_free(context);
}

void run(Bytes size, int turns) {
    PlanStore bucket(choose_part_size(size, Bytes{5 << 20}, 10'000));
    for (int turn = 0; turn < turns; ++turn) {
        {
            Plan plan(bucket, size, turn * 3);
            sign(plan);
            bare(plan.parts);
        }
        {
            Plan plan(bucket, size, turn * 3 + 1);
            serve(plan);
        }
        Plan plan(bucket, size, turn * 3 + 2);
        complete(plan);
    }
}

}  // namespace
}  // namespace herder::bench

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);
    if (argc != 3) return std::fprintf(stderr, "usage: see the top of plan_bench.cpp\n"), 2;
    herder::bench::run({std::atoll(argv[1])}, std::atoi(argv[2]));
    return 0;
}
