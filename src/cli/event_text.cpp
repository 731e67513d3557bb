#include "cli/event_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "cli/cells.h"
#include "protocol/job_fields.h"

namespace herder::cli {

namespace {

using protocol::EnumWords;

std::string field(const Json& event, const char* name) {
    const Json* fields = event.find("fields");
    return fields == nullptr ? "" : printable(text_at(*fields, name));
}

std::int64_t step_field(const Json& event, const char* name) {
    const std::string text = field(event, name);
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// "the machine was taken away (outbid or an on-demand renter)" for "preempted".
std::string because(const Json& event) {
    const std::string word = field(event, "reason");
    for (const auto& [known, reason] : EnumWords<EndReason>::kWords) {
        if (word == known) return explain(reason);
    }
    return word;
}

// The reason and what is known beyond it, each said once: details often begin with the reason.
std::string with_detail(const Json& event) {
    const std::string reason = because(event);
    const std::string detail = field(event, "detail");
    if (detail.empty() || detail == reason) return reason;
    return detail.starts_with(reason) ? detail : reason + ": " + detail;
}

std::string subject(const Json& event) {
    return printable(text_at(event, "subject"));
}

// "000000000050-a000001-k2" -> "k2", the id under which checkpoints are listed.
std::string checkpoint_id(const Json& event) {
    const std::string name = subject(event);
    return name.substr(name.rfind('-') + 1);
}

std::string planned(const Json& event) {
    const std::string why = field(event, "why");
    return "renting " + field(event, "gpu") + " (" + field(event, "kind") + ", offer " +
           field(event, "ask") + ") at " + money_cell(field(event, "price")) + "/h" +
           (why.empty() ? "" : ": " + why);
}

std::string by_actor(const Json& event, const std::string& text) {
    const std::string actor = field(event, "actor");
    return actor.empty() || actor == "api" ? text : text + " by " + actor;
}

// Of a limit on money it matters which one: the job's own or that of a budget.
std::string stopping(const Json& event) {
    const std::string text = "stopping after a last save: " + because(event);
    const std::string actor = field(event, "actor");
    return field(event, "reason") == "budget" && !actor.empty() ? text + " (" + actor + ")" : text;
}

std::string committed(const Json& event) {
    return "checkpoint at step " + field(event, "step") + " is safe (" + checkpoint_id(event) + ")";
}

std::string why_of(const Json& event) {
    const std::string why = field(event, "why");
    return why.empty() ? "" : ": " + why;
}

std::string given_up_in(const Json& event) {
    const std::string left = field(event, "given_up_in");
    return left.empty() ? "" : "; given up in " + left;
}

std::string storage_unseen(const Json& event) {
    if (field(event, "denied") != "yes")
        return "waits: the storage does not say what is there of it" + why_of(event);
    return "waits: the storage does not let the server see what is there of it" + why_of(event) +
           "; give its credentials the right to list and read there; 'herder storage probe' tells "
           "what they may do";
}

struct Teller {
    std::string_view kind;
    bool is_headline;
    std::string (*tell)(const Json& event);
};

// attempt.running and attempt.ended are told by EventTeller itself: they need the steps before.
constexpr std::array<Teller, 62> kTellers{{
    {"job.submitted", true,
     [](const Json& e) { return by_actor(e, "submitted as '" + field(e, "name") + "'"); }},
    {"job.found", true,
     [](const Json& e) {
         return by_actor(e, "taken up from the artifact store as '" + field(e, "name") +
                                "', with " + field(e, "checkpoints") + " checkpoints");
     }},
    {"job.cancel_requested", true, [](const Json& e) { return by_actor(e, "cancel asked for"); }},
    {"job.pause_requested", true, [](const Json& e) { return by_actor(e, "pause asked for"); }},
    {"job.resumed", true, [](const Json& e) { return by_actor(e, "put back into the queue"); }},
    {"job.cancelled", true, [](const Json&) { return std::string("cancelled"); }},
    {"job.paused", true, [](const Json&) { return std::string("paused"); }},
    {"job.stopping", true, stopping},
    {"job.succeeded", true, [](const Json&) { return std::string("succeeded"); }},
    {"job.failed", true, [](const Json& e) { return "failed: " + because(e); }},
    {"job.recovering", true,
     [](const Json& e) { return "moving to another machine: " + because(e); }},
    {"attempt.lost", true, [](const Json& e) { return "the machine is lost: " + with_detail(e); }},
    {"rent.planned", true, planned},
    {"rent.armed", false,
     [](const Json& e) { return "about to rent, under the label " + field(e, "label"); }},
    {"rent.bound", true,
     [](const Json& e) {
         return "machine rented (contract " + field(e, "contract") + "), it boots";
     }},
    {"rent.found", true,
     [](const Json& e) {
         return "the machine of " + subject(e) + " was found in a listing (rental was " +
                field(e, "was") + ")";
     }},
    {"rent.refused", true,
     [](const Json& e) { return "the offer could not be rented" + why_of(e); }},
    {"rent.unknown", true,
     [](const Json& e) {
         return "no clear answer to the rent call; complete listings will tell whether a machine "
                "exists" +
                why_of(e);
     }},
    {"rent.abandoned", false,
     [](const Json& e) {
         return "no machine came of " + subject(e) + "; complete listings agree";
     }},
    {"rent.closing", true, [](const Json& e) { return "giving the machine back" + why_of(e); }},
    {"rent.closed", true,
     [](const Json&) {
         return std::string("the machine is gone from the market, it costs nothing more");
     }},
    {"rent.settled", false,
     [](const Json& e) {
         return "charged " + money_cell(field(e, "charged")) + " for the machine in all";
     }},
    {"cost.differs", true,
     [](const Json& e) {
         return "the provider charged " + money_cell(field(e, "charged")) + ", our clock says " +
                money_cell(field(e, "accrued"));
     }},
    {"agent.joined", false,
     [](const Json&) { return std::string("the machine is up, its agent has joined"); }},
    {"machine.pulling", false,
     [](const Json& e) { return "the host pulls the image" + given_up_in(e); }},
    {"machine.starting", false,
     [](const Json& e) { return "the container runs, its agent is awaited" + given_up_in(e); }},
    {"agent.admitted", true,
     [](const Json& e) { return "the machine passed its test: " + field(e, "found"); }},
    {"machine.given_back", true,
     [](const Json& e) {
         return "gave back m" + field(e, "machine") + " after " + field(e, "after") + ", " +
                money_cell(field(e, "cost")) + why_of(e);
     }},
    {"attempt.moving", true,
     [](const Json& e) {
         if (field(e, "reason") == "destroyed")
             return std::string("somebody destroys the machine: the job saves and moves before");
         const bool is_maintenance = field(e, "reason") == "maintenance";
         return (is_maintenance ? "the host's maintenance begins in " : "the rental ends in ") +
                field(e, "left") + ": the job saves and moves before";
     }},
    {"maintenance.announced", true,
     [](const Json& e) {
         return "the host announced maintenance in " + field(e, "begins_in") + " for " +
                field(e, "lasts") + "; the job saves and moves before";
     }},
    {"machine.destroy_asked", true,
     [](const Json& e) { return by_actor(e, "the end of machine " + subject(e) + " asked for"); }},
    {"contract.dearer", true,
     [](const Json& e) {
         const bool rejected = field(e, "answer") == "rejected";
         return "the host wants more from the end of the contract on" + why_of(e) + "; " +
                field(e, "answer") + (rejected ? ", the job moves before it ends" : "");
     }},
    {"attempt.heard_again", true,
     [](const Json&) { return std::string("its machine answers again"); }},
    {"machine.adopted", true,
     [](const Json& e) { return by_actor(e, "machine " + subject(e) + " kept for its owner"); }},
    {"machine.adopted_gone", true,
     [](const Json& e) { return "machine " + subject(e) + ", kept for its owner, is gone"; }},
    {"machine.woke", true,
     [](const Json& e) {
         return "the machine of " + subject(e) +
                ", given up before, runs again by itself: its agent is turned away and it is "
                "destroyed";
     }},
    {"provider.seen_again", true,
     [](const Json&) { return std::string("the provider can be read again"); }},
    {"agent.join_refused", true,
     [](const Json& e) { return "an agent was turned away" + why_of(e); }},
    {"checkpoint.committed", true, committed},
    {"checkpoint.aborted", false,
     [](const Json& e) { return "checkpoint " + checkpoint_id(e) + " was given up" + why_of(e); }},
    {"checkpoint.refused", true,
     [](const Json& e) {
         return "a checkpoint was not taken" + why_of(e) + "; the training goes on, without it";
     }},
    {"checkpoint.retired", false,
     [](const Json& e) {
         return "checkpoint " + checkpoint_id(e) + " was deleted, newer ones are safe";
     }},
    {"checkpoint.removed", true,
     [](const Json& e) { return by_actor(e, "checkpoint " + checkpoint_id(e) + " deleted"); }},
    {"checkpoint.pinned", true,
     [](const Json& e) { return by_actor(e, "checkpoint " + checkpoint_id(e) + " pinned"); }},
    {"checkpoint.unpinned", true,
     [](const Json& e) { return by_actor(e, "checkpoint " + checkpoint_id(e) + " unpinned"); }},
    {"checkpoint.verified", true,
     [](const Json& e) {
         return by_actor(e, "checkpoint " + checkpoint_id(e) + " read whole and found good");
     }},
    {"checkpoint.quarantined", true,
     [](const Json& e) {
         return "checkpoint " + checkpoint_id(e) + " is damaged and set aside" + why_of(e);
     }},
    {"checkpoint.delayed", true,
     [](const Json& e) {
         return "the storage does not take checkpoint " + checkpoint_id(e) + " yet" + why_of(e);
     }},
    {"checkpoint.undeletable", true,
     [](const Json& e) {
         return "the storage does not let go of checkpoint " + checkpoint_id(e) + why_of(e) +
                "; give the server's credentials the right to delete, or leave it, if the bucket "
                "keeps objects on purpose: it is asked again at least once a day; what waits is "
                "counted by 'herder checkpoints ls'";
     }},
    {"job.storage_unseen", true, storage_unseen},
    {"job.number_taken", true,
     [](const Json&) {
         return std::string(
             "is not begun: files of another job lie in the storage under its number, since the "
             "database is an old backup; cancel it and launch it again, or remove them");
     }},
    {"job.storage_ahead", true,
     [](const Json&) {
         return std::string(
             "waits: the storage holds newer checkpoints than the database, which may be an old "
             "backup; take them up with 'herder storage rebuild'");
     }},
    {"checkpoint.doubted", true,
     [](const Json& e) {
         return "checkpoint " + checkpoint_id(e) +
                " did not verify on this machine: the one before is tried";
     }},
    {"checkpoint.revived", true,
     [](const Json& e) {
         return "checkpoint " + checkpoint_id(e) + " is kept after all" + why_of(e);
     }},
    {"machine.orphan", true,
     [](const Json& e) {
         return "machine " + subject(e) + " belongs to nobody and is destroyed" + why_of(e);
     }},
    {"provider.contradiction", true,
     [](const Json& e) { return "the provider contradicts itself" + why_of(e); }},
    {"renting.held", true,
     [](const Json& e) {
         return by_actor(e, "nothing is rented until it is allowed again: held");
     }},
    {"renting.allowed", true,
     [](const Json& e) { return by_actor(e, "machines may be rented again: allowed"); }},
    {"budgets.set", false,
     [](const Json& e) { return field(e, "count") + " budgets are in force"; }},
    {"server.leads", false,
     [](const Json& e) { return "a server took over after " + field(e, "downtime"); }},
    {"provider.blocked", true, [](const Json& e) { return "the provider refuses us" + why_of(e); }},
    {"provider.blind", true,
     [](const Json& e) { return "the provider cannot be read" + why_of(e); }},
}};

const Teller* find_teller(std::string_view kind) {
    const auto* found = std::find_if(kTellers.begin(), kTellers.end(),
                                     [&](const Teller& teller) { return teller.kind == kind; });
    return found == kTellers.end() ? nullptr : found;
}

std::string unknown_event(const Json& event, const std::string& kind) {
    std::string text = printable(kind) + " " + subject(event);
    const Json* fields = event.find("fields");
    if (fields == nullptr || fields->if_object() == nullptr) return text;
    for (const auto& [name, value] : *fields->if_object())
        text += " " + printable(name) + "=" + printable(text_of(&value));
    return text;
}

}  // namespace

bool is_headline(const std::string& kind) {
    if (kind == "attempt.running" || kind == "attempt.ended") return true;
    const Teller* teller = find_teller(kind);
    return teller == nullptr || teller->is_headline;
}

// How far the attempt before had come is known from its last report: without one that is newer than
// the checkpoint nothing is claimed.
std::string EventTeller::resumed(const Json& event) const {
    const std::int64_t from = step_field(event, "resumed_step");
    const std::int64_t repeated = last_step_ - from;
    std::string text =
        "resumed from step " + std::to_string(from) + " (" + field(event, "resumed_from") + ")";
    if (repeated <= 0) return text;
    return text + ", " + std::to_string(repeated) + (repeated == 1 ? " step" : " steps") +
           " repeated";
}

std::string EventTeller::tell(const Json& event) {
    const std::string kind = text_at(event, "kind");
    if (kind == "attempt.running") {
        ++attempts_;
        if (field(event, "resumed_from") == "nothing") {
            return attempts_ == 1 ? "running" : "running again from the start";
        }
        return resumed(event);
    }
    if (kind == "checkpoint.committed") {
        last_step_ = std::max(last_step_, step_field(event, "step"));
    }
    if (kind == "attempt.ended") {
        last_step_ = std::max(last_step_, step_field(event, "step"));
        const std::string at = last_step_ > 0 ? " at step " + std::to_string(last_step_) : "";
        return "attempt ended" + at + ", " + with_detail(event);
    }
    const Teller* teller = find_teller(kind);
    return teller == nullptr ? unknown_event(event, kind) : teller->tell(event);
}

}  // namespace herder::cli
