// What the API is told about a machine, and when: the truth of the host's last heartbeat, and the
// notices for webhooks (vast-api 4.2, 4.3, 2.21).
#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

constexpr std::size_t kNoticesKept = 10'000;

}  // namespace

std::string Market::actual_word(const Contract& contract) const {
    switch (contract.container) {
        case ContainerState::kNone:
            return "";
        case ContainerState::kCreated:
            return "created";
        case ContainerState::kLoading:
            return "loading";
        case ContainerState::kRunning:
        case ContainerState::kStopping:
            return "running";
        case ContainerState::kRebooting:
            return "rebooting";
        case ContainerState::kRecycling:
            return "recycling";
        case ContainerState::kExited:
            return contract.outbid && scenario_.outbid_reads_stopped ? "stopped" : "exited";
    }
    return "";
}

void Market::report(Contract& contract) {
    const Reported truth{.actual_status = actual_word(contract),
                         .status_msg = contract.status_msg,
                         .cur = contract.cur,
                         .next = contract.next,
                         .intended = contract.intended,
                         .at = now_};
    if (truth == contract.reported) return;
    contract.previous = contract.reported;
    contract.reported = truth;
}

void Market::report_later(Contract& contract) {
    Duration in = draw(scenario_.heartbeat);
    if (contract.outbid) in += draw(scenario_.outbid_report);
    schedule(in, TimerKind::kReport, contract.id);
}

// What the platform itself decides is told at once; only the machine's own words lag.
void Market::report_contract_words(Contract& contract) {
    contract.previous = contract.reported;
    contract.reported.cur = contract.cur;
    contract.reported.next = contract.next;
    contract.reported.intended = contract.intended;
    contract.reported.at = now_;
}

void Market::note(Contract& contract, std::string what) {
    contract.history.push_back({now_, std::move(what)});
}

// There is no field for the instance; the number stands in the text at best.
void Market::notify(std::string slug, std::string subject, const Contract& contract) {
    if (notices_.size() >= kNoticesKept) notices_.erase(notices_.begin());
    const std::string message =
        subject + ": instance " + std::to_string(contract.id) + " (" + contract.label + ")";
    notices_.push_back({std::move(slug), std::move(subject), message, now_});
}

}  // namespace herder::vastsim
