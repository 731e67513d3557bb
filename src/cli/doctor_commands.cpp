#include <sys/stat.h>
#include <sys/statvfs.h>

#include <CLI/App.hpp>

#include "base/bytes.h"
#include "base/money.h"
#include "cli/cells.h"
#include "cli/groups.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

constexpr Bytes kDiskFreeMin = gigabytes(1);
constexpr Usd kCreditMin = usd_cents(500);  // Vast.ai stops machines when it is used up

enum class Health { kGood, kDoubtful, kBad };

struct Finding {
    std::string check;
    Health health = Health::kGood;
    std::string found;
    std::string remedy{};
};

Finding check_server(ServerLink& server) {
    const Result<Json> health = server.get("/health");
    if (!health) {
        return {"server", Health::kBad, health.error().message, "start one with: herder up"};
    }
    if (text_at(*health, "leading") == "false") {
        return {"server", Health::kDoubtful, server.url() + " answers but does not lead",
                "another server works on the same store; ask that one"};
    }
    return {"server", Health::kGood, server.url() + " answers"};
}

Finding check_version(ServerLink& server) {
    const Result<Json> version = server.get("/version");
    if (!version) return {"version", Health::kDoubtful, version.error().message};
    const std::string theirs = printable(text_at(*version, "version"));
    if (theirs == program_version()) return {"version", Health::kGood, "both are " + theirs};
    return {"version", Health::kDoubtful,
            "server " + theirs + ", this program " + program_version(),
            "install the same version on both sides"};
}

Finding check_token(ServerLink& server) {
    const Result<Json> jobs = server.get("/jobs?limit=1");
    if (jobs) return {"token", Health::kGood, "is accepted"};
    return {"token", Health::kBad, server.has_token() ? jobs.error().message : "there is none",
            "set HERDER_TOKEN to the text of the file 'token' in the server's data folder"};
}

Finding check_token_file(const std::string& data_dir) {
    struct stat status{};
    const std::string path = data_dir + "/token";
    if (stat(path.c_str(), &status) != 0) {
        return {"token file", Health::kGood, "none here; HERDER_TOKEN is used"};
    }
    if ((status.st_mode & 077U) == 0) return {"token file", Health::kGood, "is yours alone"};
    return {"token file", Health::kBad, "others can read " + path, "chmod 600 " + path};
}

Finding check_account(ServerLink& server) {
    const Result<Json> account = server.get("/account");
    if (!account) {
        return {"provider", Health::kBad, account.error().message,
                "set VAST_API_KEY for the server and start it again"};
    }
    const std::string text = printable(text_at(*account, "provider")) + " user " +
                             printable(text_at(*account, "user")) + ", credit " +
                             money_cell(text_at(*account, "credit"));
    const Result<Usd> credit = parse_usd(text_at(*account, "credit"));
    if (credit && *credit >= kCreditMin) return {"provider", Health::kGood, text};
    return {"provider", Health::kDoubtful, text, "add credit: machines stop when it is used up"};
}

// Against the newest time that the server wrote for a job; there may be none.
Finding check_clock(ServerLink& server) {
    const Result<Json::Array> jobs = server.list("/jobs?all=true", 1);
    if (!jobs || jobs->empty()) return {"clock", Health::kGood, "nothing to compare with yet"};
    const Result<WallTime> written = parse_rfc3339(text_at(jobs->front(), "submitted_at"));
    const WallTime now = current_look().now;
    if (!written || *written <= now + minutes(1)) {
        return {"clock", Health::kGood, "agrees with the server"};
    }
    return {"clock", Health::kDoubtful, "is " + to_text(*written - now) + " behind the server's",
            "set the time (timedatectl set-ntp true); signed URLs depend on it"};
}

Finding check_disk(const std::string& data_dir) {
    struct statvfs disk{};
    if (statvfs(data_dir.c_str(), &disk) != 0) {
        return {"disk", Health::kGood, "no data folder on this machine"};
    }
    const Bytes left{static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize)};
    const std::string text = to_text(left) + " free in " + data_dir;
    if (left >= kDiskFreeMin) return {"disk", Health::kGood, text};
    return {"disk", Health::kBad, text, "make room: the store and the checkpoints lie there"};
}

std::string sign_of(Health health, const Look& look) {
    switch (health) {
        case Health::kGood:
            return tick(look);
        case Health::kDoubtful:
            return "!";
        case Health::kBad:
            return cross(look);
    }
    return "";
}

std::string word_of(Health health) {
    switch (health) {
        case Health::kGood:
            return "good";
        case Health::kDoubtful:
            return "doubtful";
        case Health::kBad:
            return "bad";
    }
    return "";
}

ExitCode examine(Context& context) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    std::vector<Finding> findings = {check_server(*server)};
    if (findings.front().health != Health::kBad) {
        findings.push_back(check_version(*server));
        findings.push_back(check_token(*server));
        if (findings.back().health == Health::kGood) {
            findings.push_back(check_account(*server));
            findings.push_back(check_clock(*server));
        }
    }
    findings.push_back(check_token_file(context.options.data_dir));
    findings.push_back(check_disk(context.options.data_dir));
    const Look look = current_look();
    const bool for_people = context.output.format() == Format::kTable;
    Table table{.columns = {{.title = "CHECK", .key = "check"},
                            {.title = "", .key = "health"},
                            {.title = "FOUND", .key = "found"},
                            {.title = "WHAT TO DO", .key = "remedy"}}};
    bool is_bad = false;
    for (const Finding& one : findings) {
        is_bad = is_bad || one.health == Health::kBad;
        table.rows.push_back({one.check,
                              for_people ? sign_of(one.health, look) : word_of(one.health),
                              one.found, one.remedy});
    }
    context.output.table(table);
    return is_bad ? ExitCode::kFailed : ExitCode::kOk;
}

}  // namespace

void add_doctor_commands(Commands& commands) {
    commands.add("doctor", "check server, token, provider, clock and disk; says what to do",
                 examine);
}

}  // namespace herder::cli
