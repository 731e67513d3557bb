#include "cli/doctor_checks.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/money.h"
#include "base/rfc3339.h"
#include "cli/cells.h"
#include "cli/config_files.h"
#include "cli/local_files.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

constexpr Bytes kDiskFreeMin = gigabytes(1);
constexpr std::size_t kBudgetsMax = 10'000;
constexpr char kProbe[] = "herder doctor wrote this to see whether the store works\n";

Finding good(const char* group, const char* check, std::string found) {
    return {group, check, Health::kGood, std::move(found)};
}

// ---- this machine ---------------------------------------------------------------------------

Finding check_token_file(const std::string& data_dir) {
    struct stat status{};
    const std::string path = data_dir + "/token";
    if (stat(path.c_str(), &status) != 0)
        return good("local", "token file", "none here; HERDER_TOKEN is used");
    if ((status.st_mode & 077U) == 0) return good("local", "token file", "is yours alone");
    return {"local", "token file", Health::kBad, "others can read " + path, "chmod 600 " + path};
}

Finding check_disk(const std::string& data_dir) {
    struct statvfs disk{};
    if (statvfs(data_dir.c_str(), &disk) != 0)
        return good("local", "disk", "no data folder on this machine");
    const Bytes left{static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize)};
    const std::string text = to_text(left) + " free in " + data_dir;
    if (left >= kDiskFreeMin) return good("local", "disk", text);
    return {"local", "disk", Health::kBad, text,
            "make room: the store and the checkpoints lie there"};
}

Finding check_ssh_key() {
    if (const auto key = find_ssh_key()) return good("local", "ssh key", *key);
    const char* home = std::getenv("HOME");
    const std::string folder = (fs::path(home == nullptr ? "" : home) / ".ssh").string();
    return {"local", "ssh key", Health::kDoubtful,
            "none in " + folder + "; jobs run without, but you cannot log in to a machine",
            "ssh-keygen -t ed25519"};
}

Finding check_profiles() {
    const Result<LoadedProfiles> loaded = load_profiles("");
    if (!loaded || loaded->has_errors()) {
        return {"local", "profiles", Health::kBad,
                loaded ? "a file has errors" : loaded.error().message, "herder profiles lint"};
    }
    return good("local", "profiles", std::to_string(loaded->merged.all.size()) + " well formed");
}

// ---- the server -----------------------------------------------------------------------------

Finding check_leading(ServerLink& server) {
    const Result<Json> health = server.get("/health");
    if (!health) return {"server", "answers", Health::kBad, health.error().message, "herder up"};
    if (text_at(*health, "leading") == "false") {
        return {"server", "answers", Health::kDoubtful, server.url() + " answers but does not lead",
                "another server works on the same store; ask that one"};
    }
    return good("server", "answers", server.url());
}

Finding check_version(ServerLink& server) {
    const Result<Json> version = server.get("/version");
    if (!version) return {"server", "version", Health::kDoubtful, version.error().message};
    const std::string theirs = printable(text_at(*version, "version"));
    if (theirs == program_version()) return good("server", "version", "both are " + theirs);
    return {"server", "version", Health::kDoubtful,
            "server " + theirs + ", this program " + program_version(),
            "install the same version on both sides"};
}

Finding check_token(ServerLink& server) {
    const Result<Json> jobs = server.get("/jobs?limit=1");
    if (jobs) return good("server", "token", "is accepted");
    return {"server", "token", Health::kBad,
            server.has_token() ? jobs.error().message : "there is none",
            "set HERDER_TOKEN to the text of the file 'token' in the server's data folder"};
}

// Against the newest time that the server wrote for a job; there may be none.
Finding check_clock(ServerLink& server) {
    const Result<Json::Array> jobs = server.list("/jobs?all=true", 1);
    if (!jobs || jobs->empty()) return good("server", "clock", "nothing to compare with yet");
    const Result<WallTime> written = parse_rfc3339(text_at(jobs->front(), "submitted_at"));
    const WallTime now = current_look().now;
    if (!written || *written <= now + minutes(1))
        return good("server", "clock", "agrees with the server's");
    return {"server", "clock", Health::kDoubtful,
            "is " + to_text(*written - now) + " behind the server's",
            "timedatectl set-ntp true (signed URLs depend on it)"};
}

// ---- storage and money -----------------------------------------------------------------------

Result<bool> write_probe(ServerLink& server, const std::string& target) {
    const Status sent = server.put_bytes(target, kProbe);
    if (!sent) return sent.error();
    return server.has(target);
}

// An object named by its hash: the next time it is there already and is not written again.
Finding check_storage(ServerLink& server) {
    const std::string target = "/workdirs/" + sha256_hex(kProbe);
    const Result<bool> is_there = write_probe(server, target);
    if (is_there && *is_there)
        return good("storage", "round trip", "an object is stored and found");
    return {"storage", "round trip", Health::kBad,
            is_there ? "an object was taken and is not there" : is_there.error().message,
            "look at the server's log and at the free space of its disk"};
}

// The first of those that were denied; null where none was.
const Json* first_denied(const Json& told) {
    const Json* items = told.find("items");
    const bool has_items =
        items != nullptr && items->if_array() != nullptr && !items->if_array()->empty();
    return has_items && number_at(told, "denied") > 0 ? &items->if_array()->front() : nullptr;
}

Finding held(const Json& told, const std::string& name, const std::string& what,
             const std::string& look) {
    const Json& first = *first_denied(told);
    return {"storage", name, Health::kDoubtful,
            "the storage does not let go of " + what + ": " + printable(text_at(first, "why")),
            "give the server's credentials the right to delete, or leave it if the bucket keeps "
            "objects on purpose; " +
                look + " " + printable(text_at(first, "job"))};
}

// What retention gave up and the store keeps costs money for as long.
std::vector<Finding> check_deletions(ServerLink& server) {
    const Result<Json> told = server.get("/storage/deletions");
    if (!told) return {{"storage", "deletions", Health::kDoubtful, told.error().message}};
    std::vector<Finding> found;
    const auto number = [](const Json& of) { return std::to_string(number_at(of, "denied")); };
    if (first_denied(*told) == nullptr)
        found.push_back(
            good("storage", "deletions", std::to_string(number_at(*told, "waiting")) + " wait"));
    else
        found.push_back(
            held(*told, "deletions", number(*told) + " checkpoints", "herder checkpoints ls"));
    const Json* logs = told->find("logs");
    if (logs != nullptr && first_denied(*logs) != nullptr)
        found.push_back(
            held(*logs, "logs", "the logs of " + number(*logs) + " jobs", "herder logs"));
    return found;
}

Finding check_budgets(ServerLink& server) {
    const Result<Json::Array> budgets = server.list("/budgets", kBudgetsMax);
    if (!budgets) return {"budget", "limits", Health::kDoubtful, budgets.error().message};
    if (budgets->empty()) {
        return {"budget", "limits", Health::kDoubtful, "none: only a job's own limits hold",
                "herder budget set budgets.yaml"};
    }
    std::string spent;
    for (const Json& budget : *budgets) {
        const Result<Usd> left = parse_usd(text_at(budget, "left"));
        if (left && *left <= Usd{}) spent += " " + printable(text_at(budget, "name"));
    }
    if (spent.empty())
        return good("budget", "limits", std::to_string(budgets->size()) + ", all with money left");
    return {"budget", "limits", Health::kDoubtful, "used up:" + spent, "herder budget ls"};
}

}  // namespace

std::vector<Finding> check_local(const GlobalOptions& options) {
    return {check_token_file(options.data_dir), check_disk(options.data_dir), check_ssh_key(),
            check_profiles()};
}

std::vector<Finding> check_server_side(ServerLink& server) {
    std::vector<Finding> findings = {check_leading(server)};
    if (findings.back().health == Health::kBad) return findings;
    findings.push_back(check_version(server));
    findings.push_back(check_token(server));
    if (findings.back().health == Health::kBad) return findings;
    findings.push_back(check_clock(server));
    for (Finding& one : check_provider(server))
        findings.push_back(std::move(one));
    findings.push_back(check_storage(server));
    for (Finding& finding : check_deletions(server))
        findings.push_back(std::move(finding));
    findings.push_back(check_budgets(server));
    return findings;
}

}  // namespace herder::cli
