#include "engine/input_queue.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace herder {

namespace {

template <class T>
constexpr bool kIsCommand =
    std::is_same_v<T, input::SubmitJob> || std::is_same_v<T, input::ChangeJob> ||
    std::is_same_v<T, input::ChangeCheckpoint> || std::is_same_v<T, input::JobsFound> ||
    std::is_same_v<T, input::SetBudgets> || std::is_same_v<T, input::EndMachine> ||
    std::is_same_v<T, input::AdoptMachine> || std::is_same_v<T, input::HoldRenting> ||
    std::is_same_v<T, input::AgentJoined>;

bool is_command(const InputBody& body) {
    return std::visit([]<class T>(const T&) { return kIsCommand<T>; }, body);
}

}  // namespace

ReplyTo reply_to(const InputBody& body) {
    return std::visit(
        []<class T>(const T& input) -> ReplyTo {
            if constexpr (requires { input.reply_to; }) {
                return input.reply_to;
            } else {
                return 0;
            }
        },
        body);
}

Status InputQueue::push(InputBody body) {
    const std::lock_guard lock(mutex_);
    if (!open_) {
        return unavailable("this orchestrator does not lead (any more); ask the one that does");
    }
    if (auto* report = std::get_if<input::AgentReported>(&body)) {
        push_report(std::move(*report));
        return ok();
    }
    if (is_command(body)) {
        if (commands_ >= commands_max_) {
            return Error{ErrorCode::kRateLimited,
                         "queueing the request: " + std::to_string(commands_) +
                             " requests wait already; try again shortly"};
        }
        ++commands_;
    }
    inputs_.push_back(std::move(body));
    return ok();
}

// The newer report says everything that the older said, so it takes its place in the line.
void InputQueue::push_report(input::AgentReported report) {
    const auto [waiting, is_new] =
        reports_.try_emplace(report.session_hash, taken_ + inputs_.size());
    if (is_new) {
        inputs_.emplace_back(std::move(report));
        return;
    }
    auto& waiting_report = std::get<input::AgentReported>(inputs_[waiting->second - taken_]);
    if (report.report.sequence >= waiting_report.report.sequence) {
        std::swap(report, waiting_report);
    }
    if (report.reply_to != 0) superseded_.push_back(report.reply_to);
}

std::vector<InputBody> InputQueue::take(std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::vector<InputBody> out;
    out.reserve(std::min(limit, inputs_.size()));
    while (out.size() < limit && !inputs_.empty()) {
        InputBody& front = inputs_.front();
        if (is_command(front)) --commands_;
        if (const auto* report = std::get_if<input::AgentReported>(&front)) {
            reports_.erase(report->session_hash);
        }
        out.push_back(std::move(front));
        inputs_.pop_front();
        ++taken_;
    }
    return out;
}

std::vector<ReplyTo> InputQueue::take_superseded() {
    const std::lock_guard lock(mutex_);
    return std::exchange(superseded_, {});
}

bool InputQueue::is_empty() const {
    const std::lock_guard lock(mutex_);
    return inputs_.empty() && superseded_.empty();
}

std::size_t InputQueue::size() const {
    const std::lock_guard lock(mutex_);
    return inputs_.size();
}

void InputQueue::open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
}

std::vector<ReplyTo> InputQueue::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    std::vector<ReplyTo> waiting = std::exchange(superseded_, {});
    for (const InputBody& body : inputs_) {
        if (const ReplyTo to = reply_to(body); to != 0) waiting.push_back(to);
    }
    inputs_.clear();
    reports_.clear();
    commands_ = 0;
    return waiting;
}

}  // namespace herder
