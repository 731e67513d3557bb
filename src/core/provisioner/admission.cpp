#include "core/provisioner/admission.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/market/gpu_names.h"

namespace herder {

namespace {

constexpr int kAllottedDiskPercent = 90;
// One machine moves what is taken as usual by this factor at most: neither one that was measured
// alone nor one that lies is the measure of all others.
constexpr std::int64_t kLinkStep = 4;

std::string count_of(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " GPU" : " GPUs");
}

std::string gigabytes_of(std::int64_t megabytes) {
    return std::to_string((megabytes + 512) / 1024) + " GB";
}

// "12 GB", without a decimal that nobody wants from ten on.
std::string size_text(Bytes size) {
    constexpr std::int64_t kGigabyte = 1'000'000'000;
    if (size.count < 10 * kGigabyte) return to_text(size);
    return std::to_string((size.count + kGigabyte / 2) / kGigabyte) + " GB";
}

// "NVIDIA GeForce RTX 4090" -> "RTX_4090"; a name that is not known stays as it is.
std::string canonical(std::string name) {
    for (const std::string_view maker : {"NVIDIA ", "GeForce ", "AMD ", "Quadro "}) {
        if (name.starts_with(maker)) name.erase(0, maker.size());
    }
    return parse_gpu_name(name).value_or(from_market_gpu_name(name));
}

// The driver and the market spell server cards differently ("A100-SXM4-80GB", "A100_SXM4"): only
// two names that are both known, and neither within the other, tell different cards.
bool is_other_card(const std::string& measured, const std::string& offered) {
    const std::string found = canonical(measured);
    const auto squeeze = [](const std::string& name) {
        std::string out;
        std::copy_if(name.begin(), name.end(), std::back_inserter(out),
                     [](char c) { return c != '_' && c != '-' && c != ' '; });
        return out;
    };
    const std::string a = squeeze(found);
    const std::string b = squeeze(offered);
    if (a.starts_with(b) || b.starts_with(a)) return false;
    return parse_gpu_name(found).has_value() && parse_gpu_name(offered).has_value() &&
           !gpu_matches(offered, found) && !gpu_matches(found, offered);
}

int major_of(const std::string& driver) {
    int major = 0;
    std::from_chars(driver.data(), driver.data() + driver.size(), major);
    return major;
}

void judge_gpus(const Offer& offer, const AdmissionFacts& facts, const AdmissionBars& bars,
                std::vector<std::string>& failures) {
    const auto wanted = static_cast<std::size_t>(std::max(offer.gpu_count, 0));
    if (facts.gpus.size() != wanted) {
        failures.push_back(count_of(facts.gpus.size()) + " instead of " + std::to_string(wanted));
    }
    for (const MeasuredGpu& gpu : facts.gpus) {
        if (!offer.gpu_name.empty() && is_other_card(gpu.name, offer.gpu_name)) {
            failures.push_back("a " + gpu.name + " instead of " +
                               to_market_gpu_name(offer.gpu_name));
        } else if (gpu.memory_mb * 100 < offer.gpu_ram_mb * bars.memory_percent) {
            failures.push_back("GPU memory " + gigabytes_of(gpu.memory_mb) + " instead of " +
                               gigabytes_of(offer.gpu_ram_mb));
        }
        if (gpu.memory_mb > 0 && gpu.memory_used_mb * 100 > gpu.memory_mb * bars.busy_percent) {
            failures.push_back("a GPU is in use by somebody else: " +
                               gigabytes_of(gpu.memory_used_mb) + " of its memory are taken");
        }
        if (gpu.uncorrected_errors > 0) {
            failures.push_back("a GPU has " + std::to_string(gpu.uncorrected_errors) +
                               " uncorrected memory errors");
        }
        if (!gpu.driver.empty() && !offer.driver.empty() &&
            major_of(gpu.driver) < major_of(offer.driver)) {
            failures.push_back("driver " + gpu.driver + " instead of " + offer.driver);
        }
    }
}

bool is_too_slow(std::int64_t measured, std::int64_t claimed, std::int64_t floor, int percent) {
    return claimed > 0 && measured < floor && measured * 100 < claimed * percent;
}

void judge_link(const char* way, std::optional<std::int64_t> measured, std::int64_t claimed,
                std::int64_t fastest, const AdmissionBars& bars,
                std::vector<std::string>& failures) {
    if (!measured) return;
    const std::int64_t fair = std::min(claimed, fastest);
    if (!is_too_slow(*measured, fair, bars.link_floor_mbps, bars.speed_percent)) return;
    failures.push_back(std::string(way) + " " + std::to_string(*measured) + " Mb/s instead of " +
                       std::to_string(claimed));
}

void judge_disk(const Offer& offer, Bytes disk, const AdmissionFacts& facts,
                const AdmissionBars& bars, std::vector<std::string>& failures) {
    if (facts.disk_free && facts.disk_free->count < disk.count / 100 * bars.disk_percent) {
        failures.push_back("disk " + size_text(*facts.disk_free) + " instead of " +
                           size_text(disk));
    }
    if (facts.disk_write_mb_per_second &&
        is_too_slow(*facts.disk_write_mb_per_second, offer.disk_mb_per_second,
                    bars.disk_floor_mb_per_second, bars.speed_percent)) {
        failures.push_back("disk writes " + std::to_string(*facts.disk_write_mb_per_second) +
                           " MB/s instead of " + std::to_string(offer.disk_mb_per_second));
    }
}

void learn_link(std::int64_t& usual, std::optional<std::int64_t> measured) {
    if (!measured) return;
    // Faster ones make no difference to any bar, and would only take longer to unlearn.
    constexpr AdmissionBars kBars;
    constexpr std::int64_t kMattersMost = kBars.link_floor_mbps * 100 / kBars.speed_percent;
    const std::int64_t seen = std::clamp<std::int64_t>(*measured, 1, kMattersMost);
    usual = usual <= 0 ? seen : std::clamp(seen, usual / kLinkStep, usual * kLinkStep);
}

void add(std::string& text, const std::string& more) {
    if (!text.empty()) text += ", ";
    text += more;
}

}  // namespace

AdmissionVerdict judge_admission(const Offer& offer, Bytes disk, const AdmissionFacts& facts,
                                 const LinkRecord& fastest, const AdmissionBars& bars) {
    AdmissionVerdict verdict;
    if (facts.gpus_measured) judge_gpus(offer, facts, bars, verdict.failures);
    judge_disk(offer, disk, facts, bars, verdict.failures);
    judge_link("download", facts.download_mbps, offer.download_mbps, fastest.download_mbps, bars,
               verdict.failures);
    judge_link("upload", facts.upload_mbps, offer.upload_mbps, fastest.upload_mbps, bars,
               verdict.failures);
    if (verdict.failures.empty() && !facts.storage_error.empty()) {
        verdict.blames_host = false;
        verdict.failures.push_back("the job's storage cannot be used from it: " +
                                   facts.storage_error);
    }
    return verdict;
}

void learn_links(LinkRecord& fastest, const AdmissionFacts& facts) {
    learn_link(fastest.download_mbps, facts.download_mbps);
    learn_link(fastest.upload_mbps, facts.upload_mbps);
}

std::string describe(const AdmissionFacts& facts) {
    std::string text;
    if (!facts.gpus.empty()) {
        const MeasuredGpu& gpu = facts.gpus.front();
        add(text, std::to_string(facts.gpus.size()) + " x " + gpu.name + " " +
                      gigabytes_of(gpu.memory_mb));
        if (!gpu.driver.empty()) add(text, "driver " + gpu.driver);
    }
    if (facts.disk_free) add(text, "disk " + size_text(*facts.disk_free) + " free");
    if (facts.disk_write_mb_per_second)
        add(text, "writes " + std::to_string(*facts.disk_write_mb_per_second) + " MB/s");
    if (facts.download_mbps) add(text, "down " + std::to_string(*facts.download_mbps) + " Mb/s");
    if (facts.upload_mbps) add(text, "up " + std::to_string(*facts.upload_mbps) + " Mb/s");
    for (const std::string& missing : facts.not_measured)
        add(text, "not measured: " + missing);
    return text;
}

std::string find_short_disk(Bytes asked, Bytes given) {
    if (given.count <= 0 || given.count >= asked.count / 100 * kAllottedDiskPercent) return {};
    return "disk " + size_text(given) + " instead of " + size_text(asked);
}

}  // namespace herder
