#include "adapters/providers/vast/machine_state.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace herder::vast {

namespace {

constexpr std::size_t kMessageMax = 400;  // the cause comes last: CDI failures take 290

// A start that failed never becomes a terminal word; only this text tells (API reference, section
// 4.8, collected from the vendor's image tools and from clients, 2026-08).
constexpr std::array<std::string_view, 11> kDeadTexts = {"error response from daemon",
                                                         "failed to pull image",
                                                         "manifest unknown",
                                                         "unauthorized",
                                                         "no space left on device",
                                                         "unexpected eof",
                                                         ": oci runtime create failed:",
                                                         "pull access denied",
                                                         "repository does not exist",
                                                         "failed to resolve reference",
                                                         "failed to inject cdi devices"};
constexpr std::string_view kDeadStart = "failed to start containers: c.";

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

bool tells_of_a_failed_start(const std::string& message) {
    const std::string text = lower(message);
    return text.find(kDeadStart) != std::string::npos ||
           std::any_of(kDeadTexts.begin(), kDeadTexts.end(), [&text](std::string_view dead) {
               return text.find(dead) != std::string::npos;
           });
}

// The platform has given the GPUs up: an outbid, an end of rental, no credit, an abandoned start.
// cur_state alone does not say so: a fresh rental may read "stopped" there while it loads.
bool is_given_up(const StatusWords& words) {
    return words.intended == "stopped" || words.intended == "exited" ||
           (words.intended.empty() && words.current == "stopped" && words.next == "stopped");
}

bool is_on_its_way(const std::string& actual) {
    constexpr std::array<std::string_view, 6> kWords = {"",          "created",   "loading",
                                                        "rebooting", "recycling", "restarting"};
    return std::find(kWords.begin(), kWords.end(), actual) != kWords.end();
}

// A start that waits for its GPUs: not terminal, nothing runs, only the disk bills (API reference,
// 3.4, 4.2 and 4.3). The contract says so while the container still reads as ended.
bool is_queued(const StatusWords& words) {
    const bool ended = words.actual == "stopped" || words.actual == "exited";
    return words.actual == "scheduling" || (ended && words.current == "scheduling");
}

}  // namespace

MachineState state_of(const StatusWords& given) {
    const StatusWords words{.actual = lower(given.actual),
                            .intended = lower(given.intended),
                            .current = lower(given.current),
                            .next = lower(given.next),
                            .message = given.message};
    if (words.actual == "offline" || words.actual == "unknown") return MachineState::kOffline;
    if (words.actual == "error") return MachineState::kFailed;
    if (is_on_its_way(words.actual)) {
        if (tells_of_a_failed_start(words.message)) return MachineState::kFailed;
        return is_given_up(words) ? MachineState::kStopped : MachineState::kStarting;
    }
    // The container may read "running" for half a minute after the platform has stopped it.
    if (words.actual == "running" || words.actual == "frozen") {
        return is_given_up(words) ? MachineState::kStopped : MachineState::kRunning;
    }
    if (is_queued(words))
        return is_given_up(words) ? MachineState::kStopped : MachineState::kQueued;
    // Outbid with intended still running, or the container's own end: nothing runs, and the disk
    // bills on.
    if (words.actual == "stopped" || words.actual == "exited") return MachineState::kStopped;
    return MachineState::kUnknown;
}

std::string describe(const StatusWords& words) {
    const auto word = [](const std::string& text) { return text.empty() ? "none" : text; };
    std::string out = "actual " + word(words.actual) + ", intended " + word(words.intended) +
                      ", contract " + word(words.current);
    std::string message;
    for (const char c : words.message.substr(0, kMessageMax))
        message += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    while (!message.empty() && message.back() == ' ')
        message.pop_back();
    if (!message.empty()) out += ": " + message;
    return out;
}

}  // namespace herder::vast
