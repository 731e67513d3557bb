#pragma once
// The command groups of this module, one line each. A new group is a file NAME_commands.cpp with
// one function here and one entry in kGroups of app.cpp.
#include "cli/app.h"

namespace herder::cli {

void add_launch_commands(Commands& commands);     // launch
void add_job_commands(Commands& commands);        // jobs, show
void add_control_commands(Commands& commands);    // cancel, pause, resume, wait
void add_log_commands(Commands& commands);        // logs, events
void add_metric_commands(Commands& commands);     // metrics
void add_offers_commands(Commands& commands);     // offers
void add_instances_commands(Commands& commands);  // instances ls|show|logs|destroy|adopt|reap
void add_artifact_commands(Commands& commands);   // outputs, checkpoints
void add_money_commands(Commands& commands);      // cost, budget
void add_validate_commands(Commands& commands);   // validate
void add_profiles_commands(Commands& commands);   // profiles ls|lint
void add_secret_commands(Commands& commands);     // secrets set|ls|rm|rotate-key
void add_doctor_commands(Commands& commands);     // doctor
void add_context_commands(Commands& commands);    // context ls|use|show|add|rm
void add_version_commands(Commands& commands);    // version

}  // namespace herder::cli
