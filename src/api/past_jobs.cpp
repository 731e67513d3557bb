#include "api/past_jobs.h"

#include <charconv>
#include <fstream>
#include <string_view>

#include "api/private_file.h"

namespace herder::api {

namespace {

// More than anybody numbers; those beyond it are asked for again.
constexpr std::uint64_t kJobsMax = std::uint64_t{1} << 24;
constexpr std::uint64_t kAttemptsMax = std::uint64_t{1} << 31;

// A number and the character that ends it, taken from the front.
bool take_number(std::string_view& text, char end, std::uint64_t& number) {
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto size = static_cast<std::size_t>(at - text.data());
    if (error != std::errc() || size == text.size() || *at != end) return false;
    text.remove_prefix(size + 1);
    return true;
}

std::string line_of(std::uint64_t job, std::uint64_t attempts) {
    return std::to_string(job) + " " + std::to_string(attempts) + "\n";
}

}  // namespace

PastJobs::PastJobs(std::string file) : file_(std::move(file)) {
    if (file_.empty()) return;
    const auto text = read_small_file(file_);
    if (!text || read(*text)) return;
    // What a crash left of a line must not become the beginning of another one.
    std::string good;
    for (std::uint64_t job = 0; job < attempts_.size(); ++job) {
        if (attempts_[job] != 0) good += line_of(job, attempts_[job] - 1);
    }
    (void)write_private_file(file_, good);
}

// False: not all of it is whole lines.
bool PastJobs::read(const std::string& text) {
    std::string_view left = text;
    while (!left.empty()) {
        std::uint64_t job = 0;
        std::uint64_t attempts = 0;
        if (!take_number(left, ' ', job) || !take_number(left, '\n', attempts)) return false;
        note(JobId{job}, attempts);
    }
    return true;
}

void PastJobs::note(JobId job, std::uint64_t attempts) {
    if (job.value >= kJobsMax || attempts >= kAttemptsMax) return;
    if (attempts_.size() <= job.value) attempts_.resize(job.value + 1);
    attempts_[job.value] = static_cast<std::uint32_t>(attempts + 1);
}

bool PastJobs::has(JobId job, std::uint64_t attempts) const {
    return job.value < attempts_.size() && attempts_[job.value] == attempts + 1;
}

void PastJobs::add(JobId job, std::uint64_t attempts) {
    note(job, attempts);
    if (!file_.empty()) std::ofstream(file_, std::ios::app) << line_of(job.value, attempts);
}

}  // namespace herder::api
