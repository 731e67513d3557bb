#include <CLI/App.hpp>

#include "cli/groups.h"

namespace herder::cli {

void add_version_commands(Commands& commands) {
    commands.add("version", "print the version of this program", [](Context& context) {
        const Table table{.columns = {{.title = "VERSION", .key = "version"}},
                          .rows = {{program_version()}}};
        if (context.output.is_json()) {
            context.output.table(table);
        } else {
            context.output.data("herder " + program_version());
        }
        return ExitCode::kOk;
    });
}

}  // namespace herder::cli
