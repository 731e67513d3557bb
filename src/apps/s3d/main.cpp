// `s3d`: the test server as a program (docs/s3d.md). Serves until SIGTERM or SIGINT.
#include <signal.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>

#include "base/bytes.h"
#include "s3d/server.h"

namespace herder {

namespace {

struct Wishes {
    s3d::ServerOptions server;
    std::vector<std::string> keys;
    std::vector<std::string> google_accounts;
    std::vector<std::string> faults;
    std::vector<std::string> without;
    std::string mode = "memory";
    std::string bandwidth;
    std::string put_max;
    int latency_ms = 0;
    std::string skew = "0s";
    std::string url_file;
    std::string log_file;
    std::string certificate_file;
    bool tls = false;
    bool log_times = false;
};

Status apply_keys(Wishes& wish) {
    for (const std::string& text : wish.keys) {
        const std::size_t first = text.find(':');
        if (first == std::string::npos) return invalid("--key wants ID:SECRET or ID:SECRET:TOKEN");
        const std::size_t second = text.find(':', first + 1);
        s3d::Key& key = wish.server.keys[text.substr(0, first)];
        key.secret =
            text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
        if (second != std::string::npos) key.token = text.substr(second + 1);
    }
    return ok();
}

Status apply_google_accounts(Wishes& wish) {
    for (const std::string& text : wish.google_accounts) {
        const std::size_t first = std::min(text.find(':'), text.size());
        const std::size_t second = text.find(':', first + 1);
        if (second == std::string::npos) return invalid("--google wants EMAIL:TOKEN:FILE");
        std::ifstream file(text.substr(second + 1));
        std::stringstream pem;
        if (!file || !(pem << file.rdbuf()))
            return invalid("--google: the file " + text.substr(second + 1) + " cannot be read");
        s3d::Key& key = wish.server.keys[text.substr(0, first)];
        key.token = text.substr(first + 1, second - first - 1);
        key.public_key = pem.str();
    }
    return ok();
}

Status apply_quirks(Wishes& wish) {
    s3d::Quirks& quirks = wish.server.quirks;
    for (const std::string& text : wish.without) {
        if (text == "conditions")
            quirks.conditional_put = s3d::Support::kRefused;
        else if (text == "complete-conditions")
            quirks.conditional_complete = s3d::Support::kIgnored;
        else if (text == "checksums")
            quirks.checksums = s3d::Support::kRefused;
        else if (text == "checksum-verification")
            quirks.checksums = s3d::Support::kIgnored;
        else if (text == "repeated-complete")
            quirks.forgets_completed = true;
        else if (text == "signed-length")
            quirks.signs_length = false;
        else if (text == "unequal-parts")
            quirks.equal_parts = true;
        else
            return invalid("--without " + text + ": there is no such ability; see docs/s3d.md");
    }
    return ok();
}

Status apply_shape(Wishes& wish) {
    if (!wish.bandwidth.empty()) {
        const auto rate = parse_bytes(wish.bandwidth);
        if (!rate) return rate.error();
        wish.server.shape.bytes_per_second = static_cast<std::uint64_t>(rate->count);
    }
    wish.server.shape.latency = milliseconds(wish.latency_ms);
    const bool is_behind = wish.skew.starts_with('-');
    const auto skew = parse_duration(is_behind ? wish.skew.substr(1) : wish.skew);
    if (!skew) return skew.error();
    wish.server.skew = is_behind ? Duration{-skew->us} : *skew;
    return ok();
}

Status apply_put_max(Wishes& wish) {
    if (wish.put_max.empty()) return ok();
    const auto size = parse_bytes(wish.put_max);
    if (!size) return size.error();
    wish.server.quirks.put_max = static_cast<std::uint64_t>(size->count);
    return ok();
}

Status apply_mode(Wishes& wish) {
    if (wish.mode == "memory")
        wish.server.keeping = s3d::Keeping::kMemory;
    else if (wish.mode == "discard")
        wish.server.keeping = s3d::Keeping::kDiscard;
    else if (wish.mode == "folder")
        wish.server.keeping = s3d::Keeping::kFolder;
    else
        return invalid("--mode is memory, folder or discard");
    if (wish.mode == "folder" && wish.server.folder.empty())
        return invalid("--mode folder wants --folder");
    return ok();
}

Status apply_tls(Wishes& wish) {
    if (!wish.tls) return ok();
    const auto made = http::make_self_signed_certificate();
    if (!made) return made.error();
    wish.server.tls = *made;
    if (!wish.certificate_file.empty())
        std::ofstream(wish.certificate_file) << made->certificate_pem;
    return ok();
}

Status apply(Wishes& wish) {
    for (const auto step : {apply_keys, apply_google_accounts, apply_quirks, apply_put_max,
                            apply_shape, apply_mode, apply_tls}) {
        if (auto done = step(wish); !done) return done;
    }
    for (const std::string& text : wish.faults) {
        const auto rule = s3d::parse_fault(text);
        if (!rule) return rule.error();
        wish.server.faults.push_back(*rule);
    }
    return ok();
}

void add_options(CLI::App& app, Wishes& wish) {
    app.add_option("--port", wish.server.port, "of 127.0.0.1; 0: any free one");
    app.add_option("--bucket", wish.server.buckets, "is there from the start; may be given again");
    app.add_option("--key", wish.keys, "ID:SECRET[:TOKEN]; without one nobody has to sign");
    app.add_option("--google", wish.google_accounts,
                   "EMAIL:TOKEN:FILE of a Google account: its token, and its public key in PEM");
    app.add_option("--mode", wish.mode, "memory, folder or discard");
    app.add_option("--folder", wish.server.folder, "where --mode folder keeps its objects");
    app.add_option("--region", wish.server.region, "the only one that signatures may name");
    app.add_option("--domain", wish.server.domain, "buckets may stand before it in the host");
    app.add_option("--page", wish.server.page_size, "entries of a listing at most");
    app.add_option(
        "--put-max", wish.put_max,
        "the largest object or part of one request, as 8MB; Amazon's 5 GiB if not given");
    app.add_option("--bandwidth", wish.bandwidth, "bytes a second of a connection, as 10MB");
    app.add_option("--latency-ms", wish.latency_ms, "milliseconds before each answer")
        ->check(CLI::Range(0, 60'000));
    app.add_option("--skew", wish.skew, "of the server's clock, as 1h or -1h");
    app.add_option("--fault", wish.faults, "a rule of the fault script; may be given again");
    app.add_option("--without", wish.without, "an ability that is missing; may be given again");
    app.add_option("--url-file", wish.url_file, "the URL is written here once it serves");
    app.add_option("--log", wish.log_file, "a line for each request");
    app.add_flag("--log-times", wish.log_times,
                 "microseconds in front of each line of the log, and when it began");
    app.add_flag("--tls", wish.tls, "https with a certificate of its own");
    app.add_option("--certificate-file", wish.certificate_file, "the certificate is written here");
}

int serve(Wishes& wish) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    auto server = s3d::Server::start(std::move(wish.server));
    if (!server) {
        std::cerr << "s3d: " << server.error().message << "\n";
        return 1;
    }
    std::mutex mutex;
    std::ofstream log;
    if (!wish.log_file.empty()) {
        log.open(wish.log_file, std::ios::app);
        (*server)->on_record([&, times = wish.log_times](const s3d::Record& record) {
            const std::lock_guard lock(mutex);
            if (times) log << record.at.us << ' ';
            log << record.operation << ' ' << record.status << ' ' << record.bucket << '/'
                << record.key << ' ' << (record.is_presigned ? "presigned" : "signed") << ' '
                << record.body_size << ' ' << record.error_code;
            if (!record.part.empty()) log << " part=" << record.part << " upload=" << record.upload;
            if (!record.fault.empty()) log << " fault=" << record.fault;
            if (times) log << " began=" << record.began.us;
            log << '\n' << std::flush;
        });
    }
    std::cerr << "s3d: serving at " << (*server)->url() << "\n";
    if (!wish.url_file.empty()) {
        std::ofstream(wish.url_file + ".new") << (*server)->url() << '\n';
        std::rename((wish.url_file + ".new").c_str(), wish.url_file.c_str());
    }
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
    (*server)->stop();
    return 0;
}

}  // namespace

}  // namespace herder

int main(int argc, char** argv) {
    CLI::App app("s3d: a server with S3's API for tests and benchmarks, on loopback only");
    herder::Wishes wish;
    herder::add_options(app, wish);
    CLI11_PARSE(app, argc, argv);
    if (const auto applied = herder::apply(wish); !applied) {
        std::cerr << "s3d: " << applied.error().message << "\n";
        return 2;
    }
    return herder::serve(wish);
}
