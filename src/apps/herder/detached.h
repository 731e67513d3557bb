#pragma once
// A server that goes on in the background: `herder up --detach` starts one, `herder down` ends the
// one of a data folder. What the server itself does is up_command's and ServerApp's business.
#include <functional>
#include <string>

#include "cli/app.h"

namespace herder {

// Says that the server runs, or why it does not: where the starting process still listens.
using Announce = std::function<void(const std::string& text, bool is_ready)>;

// Forks, before there is any thread: the child leaves the terminal, writes to `log_file` and calls
// `serve`; this process returns what the child announced, or its exit code when it ended first.
cli::ExitCode start_detached(
    cli::Context& context, const std::string& log_file,
    const std::function<cli::ExitCode(cli::Context&, const Announce&)>& serve);

// Ends the server of the data folder and waits until it has gone.
cli::ExitCode stop_server(cli::Context& context);

void add_down_command(cli::Commands& commands);

}  // namespace herder
