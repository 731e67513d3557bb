#include "vastsim/switches.h"

#include <array>

namespace herder::vastsim {

namespace {

constexpr std::array kSwitches = {
    Switch{"rows of a search", "search_row_cap", "0", "64"},
    Switch{"share of the market that the default order shows", "search_sample_per_million",
           "1000000", "300000"},
    Switch{"nulls in offers", "search_nulls", "false", "true"},
    Switch{"rate limit per route or per concrete id", "rate_limit_per_id", "false", "true"},
    Switch{"refused calls restart the interval", "refused_calls_restart_interval", "true", "false"},
    Switch{"meaning of the penalty of create", "create_penalty_s", "12", "0"},
    Switch{"a Retry-After header with 429", "retry_after_header", "false", "true"},
    Switch{"record after an outbid: pattern A or B", "outbid_keeps_intended", "false", "true"},
    Switch{"both patterns of an outbid, drawn", "outbid_mixed", "false", "true"},
    Switch{"word after an outbid: exited or stopped", "outbid_reads_stopped", "false", "true"},
    Switch{"delay until an outbid shows", "outbid_report_s", "[0, 0]", "[30, 120]"},
    Switch{"an outbid machine wakes by itself", "outbid_resumes", "true", "false"},
    Switch{"an equal bid evicts", "bid_tie_evicts", "false", "true"},
    Switch{"cur_state while loading", "loading_reads_stopped", "false", "true"},
    Switch{"cur_state while loading, drawn", "loading_mixed", "false", "true"},
    Switch{"intended_status after the end of the rental", "end_keeps_intended", "false", "true"},
    Switch{"intended_status without credit", "credit_out_keeps_intended", "false", "true"},
    Switch{"states of an offline machine", "offline_reads_stopped", "false", "true"},
    Switch{"SIGTERM before SIGKILL at stop, reboot, destroy", "sigterm_s", "0", "10"},
    Switch{"SIGTERM before SIGKILL when GPUs are lost", "preempt_sigterm_s", "0", "10"},
    Switch{"machines resume after a top-up", "topup_resumes", "false", "true"},
    Switch{"GPU billed while loading", "bill_loading", "false", "true"},
    Switch{"GPU billed when the container has exited", "bill_exited", "true", "false"},
    Switch{"an exited container is started again", "restart_exited", "false", "true"},
    Switch{"unit of a bid: slice or GPU", "bid_per_gpu", "false", "true"},
    Switch{"highest bid for each GPU", "bid_most_per_gpu", "32", "128"},
    Switch{"env as a string at create", "env_string_parsed", "false", "true"},
    Switch{"status of a missing scope: 401 or 403", "scope_missing_403", "false", "true"},
    Switch{"cap of a new account, $/h (0: none)", "spend_cap_per_hour", "0", "1"},
    Switch{"start without credit: refused or queued", "start_without_credit_queues", "false",
           "true"},
    Switch{"limit of args and onstart", "args_limit", "4096", "16384"},
    Switch{"image layers count in the disk", "image_in_disk", "false", "true"},
    Switch{"traffic of the image pull is billed", "bill_image_pull", "false", "true"},
    Switch{"pull time follows from the image's size", "pull_by_size", "false", "true"},
    Switch{"a new account ssh key reaches existing machines", "ssh_key_reaches_all", "false",
           "true"},
    Switch{"show-one contains ports", "show_has_ports", "true", "false"},
    Switch{"external ports change at every start", "ports_change_on_start", "false", "true"},
    Switch{"paths without a slash are served", "serve_without_slash", "false", "true"},
    Switch{"webhooks to public https addresses only", "webhooks_public_only", "false", "true"},
    Switch{"starts refused although the GPUs are free", "start_refusal_per_million", "0", "500000"},
};

}  // namespace

std::span<const Switch> switches() {
    return kSwitches;
}

}  // namespace herder::vastsim
