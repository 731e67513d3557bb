#include "worker/admission_probe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/digest.h"
#include "base/log.h"
#include "base/random.h"
#include "worker/nvidia_smi.h"
#include "worker/persist.h"

namespace herder {
namespace {

constexpr std::size_t kMegabyte = 1'000'000;
// As much as tells a speed, and never more than a twentieth of the disk.
constexpr std::int64_t kDiskWriteMax = 64;
constexpr double kDiskSecondsMax = 3.0;
// A transfer that took this long tells enough; a shorter one is repeated with a larger object.
constexpr double kLinkSecondsEnough = 0.5;
constexpr std::size_t kProbeGrowth = 4;
constexpr int kStorageTries = 4;

// Bytes that neither a disk nor a link can make smaller.
std::string noise(std::size_t size) {
    std::string text(size, '\0');
    RandomStream stream(0x70726f6265, "probe");
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
        const std::uint64_t word = stream.next();
        std::memcpy(text.data() + at, &word, std::min(sizeof word, size - at));
    }
    return text;
}

std::int64_t per_second(double amount, double seconds) {
    return static_cast<std::int64_t>(amount / std::max(seconds, 1e-6));
}

}  // namespace

AdmissionProbe::AdmissionProbe(ServerLink& link, const MachineClock& clock, std::string home)
    : link_(link), clock_(clock), home_(std::move(home)) {}

AdmissionProbe::~AdmissionProbe() {
    cancel_.cancel();
    if (thread_.joinable()) thread_.join();
}

void AdmissionProbe::start(const AdmissionTest& test, Newest newest, Post post) {
    if (thread_.joinable()) return;
    thread_ = std::thread([this, test, newest = std::move(newest), post = std::move(post)] {
        AdmissionFacts facts = measure(test, newest);
        if (!cancel_.is_cancelled()) post(worker_input::AdmissionEnded{std::move(facts)});
    });
}

AdmissionFacts AdmissionProbe::measure(const AdmissionTest& test, const Newest& newest) {
    AdmissionFacts facts;
    measure_gpus(facts);
    measure_disk(test, facts);
    measure_storage(test, newest, facts);
    return facts;
}

double AdmissionProbe::since(Instant begun) const {
    return static_cast<double>(clock_.real(clock_.monotonic() - begun).us) / 1e6;
}

void AdmissionProbe::measure_gpus(AdmissionFacts& facts) {
    const auto text = query_nvidia_smi(
        "name,memory.total,memory.used,driver_version,ecc.errors.uncorrected.volatile.total");
    if (!text) {
        facts.not_measured.emplace_back("GPU: nvidia-smi is not there");
        return;
    }
    // A tool that cannot reach its driver prints no row: that is a measurement too.
    facts.gpus_measured = true;
    for (const auto& cells : parse_smi_rows(*text, 5)) {
        facts.gpus.push_back({.name = cells[0],
                              .memory_mb = std::atoll(cells[1].c_str()),
                              .memory_used_mb = std::atoll(cells[2].c_str()),
                              .driver = cells[3],
                              .uncorrected_errors = std::atoll(cells[4].c_str())});
    }
}

void AdmissionProbe::measure_disk(const AdmissionTest& test, AdmissionFacts& facts) {
    struct statvfs disk{};
    if (::statvfs(home_.c_str(), &disk) != 0) {
        facts.not_measured.push_back("disk: " + std::string(std::strerror(errno)));
        return;
    }
    facts.disk_free = Bytes{static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize)};
    const std::int64_t smaller = std::min(facts.disk_free->count, test.disk.count);
    const std::int64_t pieces =
        std::min(kDiskWriteMax, smaller / 20 / static_cast<std::int64_t>(kMegabyte));
    const std::string path = home_ + "/admission-probe";
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || pieces < 1) {
        if (fd >= 0) ::close(fd);
        facts.not_measured.emplace_back("disk speed: there is no room to write");
        return;
    }
    const std::string piece = noise(kMegabyte);
    const Instant begun = clock_.monotonic();
    std::int64_t written = 0;
    while (written < pieces && since(begun) < kDiskSecondsMax &&
           ::write(fd, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size())) {
        ++written;
    }
    const bool synced = ::fdatasync(fd) == 0;
    const double took = since(begun);
    ::close(fd);
    ::unlink(path.c_str());
    if (written > 0 && synced) {
        facts.disk_write_mb_per_second = per_second(static_cast<double>(written), took);
    } else {
        facts.not_measured.emplace_back("disk speed: a write failed");
    }
}

void AdmissionProbe::measure_storage(const AdmissionTest& test, const Newest& newest,
                                     AdmissionFacts& facts) {
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(test.probe_max.count, 1));
    for (std::size_t size = std::min(kMegabyte, most);; size *= kProbeGrowth) {
        const Instant begun = clock_.monotonic();
        const Status done = send_and_fetch(size, newest, facts);
        if (cancel_.is_cancelled()) return;
        if (!done) {
            facts.storage_error = done.error().message;
            return;
        }
        if (since(begun) >= 2 * kLinkSecondsEnough || size * kProbeGrowth > most) break;
    }
    // Nothing of it stays but the name.
    const Status emptied = link_.upload_text(newest().probe_put_url, "");
    if (!emptied) log_warn("agent.probe_left", {{"why", emptied.error().message}});
}

Status AdmissionProbe::send_and_fetch(std::size_t size, const Newest& newest,
                                      AdmissionFacts& facts) {
    const std::string sent = noise(size);
    const double megabits = static_cast<double>(size) * 8 / 1e6;
    Status done = ok();
    for (int tries = 0; tries < kStorageTries; ++tries) {
        pollfd waiting{cancel_.descriptor(), POLLIN, 0};
        if (tries > 0 && ::poll(&waiting, 1, 500 << tries) > 0) return done;
        const protocol::SyncResponse urls = newest();
        if (urls.probe_put_url.empty() || urls.probe_get_url.empty()) {
            done = unavailable("the server gave no URL for the test of the storage");
            continue;
        }
        Instant begun = clock_.monotonic();
        done = link_.upload_text(urls.probe_put_url, sent);
        if (done) {
            facts.upload_mbps =
                std::max(facts.upload_mbps.value_or(0), per_second(megabits, since(begun)));
            const std::string path = home_ + "/admission-probe";
            Sha256Stream digest;
            begun = clock_.monotonic();
            done = link_.download({urls.probe_get_url, path, &cancel_,
                                   [&](std::string_view part) { digest.update(part); }});
            const double took = since(begun);
            ::unlink(path.c_str());
            if (done) {
                facts.download_mbps =
                    std::max(facts.download_mbps.value_or(0), per_second(megabits, took));
                if (digest.finish_hex() == sha256_hex(sent)) return ok();
                done = Error{ErrorCode::kCorrupt, "what was sent came back changed"};
            }
        }
        if (!may_pass(done.error().code)) return done;
    }
    return done;
}

}  // namespace herder
