#include "worker/retry_notes.h"

namespace herder {

namespace {

// The rest is counted together.
constexpr std::size_t kReasonsMax = 8;
constexpr const char* kOther = "other reasons";

// Without what differs from part to part, addresses and paths: of "uploading http://s/o/1: PUT
// http://s/o/1: it broke" the end.
std::string reason_of(const std::string& message) {
    std::size_t begin = 0;
    for (std::size_t at = 0, end = 0; (end = message.find(": ", at)) != std::string::npos;) {
        const std::size_t slash = message.find('/', at);
        at = end + 2;
        if (slash < end) begin = at;
    }
    return message.substr(begin);
}

}  // namespace

void RetryNotes::add(const Error& why) {
    const std::string reason = reason_of(why.message);
    const std::lock_guard lock(mutex_);
    const bool fits = counts_.size() < kReasonsMax || counts_.contains(reason);
    ++counts_[fits ? reason : kOther];
}

void RetryNotes::tell(const std::string& name, const std::string& what,
                      const std::function<void(const std::string& line)>& say) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [reason, count] : counts_)
        say(name + ": " + std::to_string(count) + " " + what + ": " + reason);
}

}  // namespace herder
