#include "cli/job_view.h"

#include <array>

namespace herder::cli {

namespace {

std::string status_of(const Json& job, const Look& look) {
    const std::string stopping = text_at(job, "stopping");
    const std::string cell = status_cell(text_at(job, "status"), look);
    return stopping.empty() || is_ended(job) ? cell : cell + ", stopping";
}
std::string price_of(const Json& job, const Look&) {
    return rate_cell(text_at(job, "price_per_hour"));
}
std::string cost_of(const Json& job, const Look&) {
    return money_cell(text_at(job, "cost"));
}
std::string submitted_of(const Json& job, const Look& look) {
    return ago(text_at(job, "submitted_at"), look);
}
std::string ran_of(const Json& job, const Look&) {
    return duration_of(job.find("ran_seconds"));
}

constexpr std::array<ViewColumn, 10> kColumns{{{"ID", "id"},
                                               {"NAME", "name"},
                                               {"PROJECT", "project"},
                                               {"STATUS", "status", false, status_of},
                                               {"GPU", "gpu"},
                                               {"STEP", "step", true},
                                               {"RAN", "ran_seconds", true, ran_of},
                                               {"$/H", "price_per_hour", true, price_of},
                                               {"COST", "cost", true, cost_of},
                                               {"SUBMITTED", "submitted_at", true, submitted_of}}};
const ListView kJobs{kColumns, "no jobs; herder jobs -a also lists those that have ended"};

std::string resumed_of(const Json& attempt, const Look&) {
    const std::string from = text_at(attempt, "resumed_from");
    return from.empty() ? "the start" : "step " + text_at(attempt, "resumed_step");
}
std::string machine_of(const Json& attempt, const Look&) {
    const std::string machine = text_at(attempt, "machine");
    return machine.empty() ? "" : "m" + machine;
}
std::string attempt_end_of(const Json& attempt, const Look&) {
    const std::string reason = text_at(attempt, "reason");
    return printable(reason.empty() ? text_at(attempt, "status") : reason);
}

constexpr std::array<ViewColumn, 9> kAttemptColumns{{{"#", "number"},
                                                     {"MACHINE", "machine", false, machine_of},
                                                     {"GPU", "gpu"},
                                                     {"MARKET", "market"},
                                                     {"$/H", "price_per_hour", true, price_of},
                                                     {"FROM", "resumed_step", false, resumed_of},
                                                     {"TO STEP", "last_step", true},
                                                     {"COST", "cost", true, cost_of},
                                                     {"ENDED", "reason", false, attempt_end_of}}};
const ListView kAttempts{kAttemptColumns, ""};

std::string line(const std::string& label, const std::string& value) {
    if (value.empty()) return "";
    return label + std::string(12 - label.size(), ' ') + value + "\n";
}

std::string count_of(std::int64_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string checkpoint_line(const Json& job) {
    const std::int64_t count = number_at(job, "committed_checkpoints");
    if (count == 0) return "none yet";
    return std::to_string(count) + " committed, newest at step " +
           text_at(job, "last_checkpoint_step");
}

}  // namespace

const ListView& jobs_list() {
    return kJobs;
}

bool is_ended(const Json& job) {
    const std::string status = text_at(job, "status");
    return status == "succeeded" || status == "failed" || status == "cancelled";
}

ExitCode exit_code_of_job(const Json& job) {
    if (text_at(job, "status") == "succeeded") return ExitCode::kOk;
    return text_at(job, "reason") == "no_capacity" ? ExitCode::kNoCapacity : ExitCode::kJobFailed;
}

std::string end_line(const Json& job, const Look& look) {
    const std::string status = text_at(job, "status");
    std::string text = (status == "succeeded" ? tick(look) : cross(look)) + " " +
                       text_at(job, "id") + " " + printable(text_at(job, "name")) + " " + status;
    if (status == "failed") text += " (" + printable(text_at(job, "status_text")) + ")";
    return text + " after " + duration_of(job.find("ran_seconds")) + " of running, " +
           count_of(number_at(job, "attempts"), "attempt") + ", cost " +
           money_cell(text_at(job, "cost"));
}

std::string job_page(const Json& job, const Look& look) {
    std::string text = text_at(job, "id") + " " + printable(text_at(job, "name")) + "\n";
    text += line("status", status_of(job, look) + "  " + printable(text_at(job, "status_text")));
    text += line("project", printable(text_at(job, "project")));
    text += line("submitted", local_time(text_at(job, "submitted_at"), look) + " (" +
                                  ago(text_at(job, "submitted_at"), look) + ")");
    const std::string ended = text_at(job, "ended_at");
    if (!ended.empty())
        text += line("ended", local_time(ended, look) + " (" + ago(ended, look) + ")");
    text += line("ran", duration_of(job.find("ran_seconds")));
    text += line("step", text_at(job, "step"));
    text += line("checkpoints", checkpoint_line(job));
    text += line("exit code", text_at(job, "exit_code"));
    text += line("cost", money_cell(text_at(job, "cost")) + " by our clock, " +
                             money_cell(text_at(job, "charged")) + " charged so far");
    const Json* attempts = job.find("attempt_list");
    if (attempts == nullptr || attempts->if_array() == nullptr || attempts->if_array()->empty()) {
        return text;
    }
    return text + "\n" +
           to_aligned(to_table(*attempts->if_array(), kAttempts, Format::kTable, look));
}

}  // namespace herder::cli
