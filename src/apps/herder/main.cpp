// The program `herder`: command line, server and demo market in one binary.
#include "cli/app.h"
#include "up_command.h"

int main(int argc, char** argv) {
    return herder::cli::run_cli(argc, argv, {herder::add_server_commands});
}
