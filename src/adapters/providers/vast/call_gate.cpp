#include "adapters/providers/vast/call_gate.h"

#include "base/digest.h"
#include "base/log.h"

namespace herder::vast {

namespace {

// Calls of POST /bundles/: ten a minute and address are allowed; one stays in reserve for whoever
// else searches from here. (Vast.ai documentation, snapshot of 2026-08-07.)
constexpr std::size_t kSearchesPerPeriod = 9;
constexpr Duration kSearchPeriod = minutes(1);
// Longer waits for a turn are told.
constexpr Duration kWaitTold = seconds(10);

}  // namespace

CallGate::CallGate(Traffic& traffic, std::string name)
    : traffic_(traffic), name_(std::move(name)), schedule_(traffic.searches_) {}

// Hands out what can be decided now. Called under the mutex.
void CallGate::settle(Instant now) {
    for (auto& [ticket, why] : schedule_.take_hopeless(now))
        answers_[ticket] = std::move(why);
    while (const std::optional<Ticket> next = schedule_.release(now))
        answers_[*next] = *next;
    traffic_.changed_.notify_all();
}

tl::expected<CallGate::Permit, NotSent> CallGate::enter(const Wish& wish) {
    std::unique_lock lock(traffic_.mutex_);
    const Instant asked = traffic_.clock_.monotonic();
    if (traffic_.stopping_) return tl::unexpected(NotSent{"not sent: the server stops", {}, false});
    const auto queued = schedule_.ask(wish, asked);
    if (const auto* refused = std::get_if<NotSent>(&queued)) return tl::unexpected(*refused);
    const Ticket ticket = std::get<Ticket>(queued);
    answers_.emplace(ticket, std::monostate{});
    Instant now = asked;
    settle(now);
    while (std::holds_alternative<std::monostate>(answers_.at(ticket))) {
        if (traffic_.stopping_) {
            schedule_.withdraw(ticket);
            answers_[ticket] = NotSent{"not sent: the server stops", {}, false};
            break;
        }
        const Instant next = schedule_.next_change(now);
        traffic_.wait_(lock, traffic_.changed_, next == kNever ? minutes(1) : next - now);
        now = traffic_.clock_.monotonic();
        if (std::holds_alternative<std::monostate>(answers_.at(ticket))) settle(now);
    }
    const auto node = answers_.extract(ticket);
    if (now - asked >= kWaitTold) {
        log_info("provider.call_waited", {{"identity", name_},
                                          {"call", to_string(wish.route)},
                                          {"waited", to_text(now - asked)}});
    }
    if (const auto* refused = std::get_if<NotSent>(&node.mapped())) {
        return tl::unexpected(*refused);
    }
    return Permit(*this, ticket);
}

void CallGate::end(Ticket ticket, const CallEnd& end) {
    const std::lock_guard lock(traffic_.mutex_);
    const Instant now = traffic_.clock_.monotonic();
    const bool was_broken = schedule_.is_broken();
    schedule_.ended(ticket, end, now);
    if (end.kind == CallEnd::Kind::kTooFrequent) {
        log_warn("provider.too_frequent",
                 {{"identity", name_}, {"threshold", to_text(end.threshold)}});
    }
    if (was_broken && !schedule_.is_broken())
        log_info("provider.answers_again", {{"identity", name_}});
    if (!was_broken && schedule_.is_broken())
        log_error("provider.does_not_answer", {{"identity", name_}});
    settle(now);
}

void CallGate::drop(Ticket ticket) {
    const std::lock_guard lock(traffic_.mutex_);
    const Instant now = traffic_.clock_.monotonic();
    schedule_.withdraw(ticket);
    settle(now);
}

Instant CallGate::now() const {
    return traffic_.clock_.monotonic();
}

CallGate::View CallGate::view() const {
    const std::lock_guard lock(traffic_.mutex_);
    View view{.is_broken = schedule_.is_broken(), .waiting = schedule_.waiting(), .routes = {}};
    for (std::size_t i = 0; i < kRouteCount; ++i)
        view.routes[i] = schedule_.counts(static_cast<Route>(i));
    return view;
}

Traffic::Traffic(const Clock& clock, Wait wait)
    : clock_(clock), wait_(std::move(wait)), searches_(kSearchesPerPeriod, kSearchPeriod) {}

CallGate& Traffic::gate_of(std::string_view key) {
    const std::lock_guard lock(mutex_);
    // Part of a hash tells two identities apart in logs and gives nothing away.
    const std::string name = sha256_hex("herder identity " + std::string(key)).substr(0, 8);
    std::unique_ptr<CallGate>& gate = gates_[name];
    if (!gate) gate = std::make_unique<CallGate>(*this, name);
    return *gate;
}

void Traffic::pause(Duration duration) {
    std::unique_lock lock(mutex_);
    const Instant until = clock_.monotonic() + duration;
    while (!stopping_ && clock_.monotonic() < until)
        wait_(lock, changed_, until - clock_.monotonic());
}

void Traffic::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
}

}  // namespace herder::vast
