// What `herder doctor` says of the provider: the key and its rights, clocks, credit, machines, the
// ssh key and webhooks.
#include <algorithm>
#include <cstdlib>

#include "base/money.h"
#include "cli/cells.h"
#include "cli/doctor_checks.h"
#include "cli/local_files.h"

namespace herder::cli {

namespace {

constexpr Usd kCreditMin = usd_cents(500);  // Vast.ai stops machines when it is used up
constexpr std::int64_t kHoursAhead = 24;
constexpr std::size_t kMachinesMax = 10'000;
// S3 refuses signatures beyond 15 minutes; bills and contract ends are read off both clocks.
constexpr std::int64_t kSkewDoubtful = 30;
constexpr std::int64_t kSkewBad = 300;

Finding good(const char* check, std::string found) {
    return {"provider", check, Health::kGood, std::move(found)};
}
Finding doubtful(const char* check, std::string found, std::string remedy) {
    return {"provider", check, Health::kDoubtful, std::move(found), std::move(remedy)};
}
Finding bad(const char* check, std::string found, std::string remedy) {
    return {"provider", check, Health::kBad, std::move(found), std::move(remedy)};
}

std::vector<std::string> texts_at(const Json& object, const char* key) {
    std::vector<std::string> texts;
    const Json* list = object.find(key);
    if (list == nullptr || list->if_array() == nullptr) return texts;
    for (const Json& one : *list->if_array())
        texts.push_back(printable(text_of(&one)));
    return texts;
}

bool has_list(const Json& object, const char* key) {
    const Json* list = object.find(key);
    return list != nullptr && list->if_array() != nullptr;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

// ---- the key --------------------------------------------------------------------------------

Finding check_key(const Json& account) {
    std::string text =
        printable(text_at(account, "provider")) + " user " + printable(text_at(account, "user"));
    const Json* key = account.find("key");
    if (key == nullptr) return good("key", text);
    text += ", from " + printable(text_at(*key, "source"));
    const std::string hides = printable(text_at(*key, "hides"));
    if (hides.empty()) return good("key", text);
    return doubtful("key", text + ", which hides another one in " + hides,
                    "unset the variable, or remove the file, so that one of them is left");
}

Finding check_rights(const Json& key) {
    if (text_at(key, "rights_known") != "true")
        return good("key rights", "the provider does not say what the key may do");
    const std::vector<std::string> missing = texts_at(key, "missing_rights");
    const std::vector<std::string> spare = texts_at(key, "spare_rights");
    if (!missing.empty()) {
        return bad("key rights", "lacks " + joined(missing),
                   "make a key with these rights in the provider's console");
    }
    if (spare.empty()) return good("key rights", "what renting needs, and no more");
    return doubtful("key rights", "beyond renting it may: " + joined(spare),
                    "use a key with fewer rights (docs/providers/vast.md): who steals this one can "
                    "do all that");
}

// ---- clock, credit, machines ----------------------------------------------------------------

Finding check_skew(const Json& account) {
    if (text_at(account, "clock_ahead_seconds").empty())
        return good("clock", "the provider does not tell its time");
    const std::int64_t ahead = number_at(account, "clock_ahead_seconds");
    const std::int64_t skew = std::abs(ahead);
    if (skew < kSkewDoubtful) return good("clock", "agrees with the provider's");
    const std::string text = "the server's is " + to_text(seconds(skew)) +
                             (ahead > 0 ? " behind" : " ahead of") + " the provider's";
    const std::string remedy = "timedatectl set-ntp true on the server";
    return skew < kSkewBad ? doubtful("clock", text, remedy) : bad("clock", text, remedy);
}

struct Burn {
    UsdPerHour rate{};
    UsdPerHour orphan_rate{};
    std::size_t ours = 0;
    std::size_t orphans = 0;
    std::size_t adopted = 0;
    std::size_t foreign = 0;
};

Burn burn_of(const Json::Array& machines) {
    Burn burn;
    for (const Json& machine : machines) {
        const std::string owner = text_at(machine, "owner");
        // Gone, and listed until its last charges are read.
        if (text_at(machine, "state") == "closed") continue;
        burn.ours += owner == "ours" ? 1 : 0;
        burn.orphans += owner == "orphan" ? 1 : 0;
        burn.adopted += owner == "adopted" ? 1 : 0;
        burn.foreign += owner == "foreign" ? 1 : 0;
        const Result<Usd> price = parse_usd(text_at(machine, "price_per_hour"));
        if (!price) continue;
        // All of them spend the same credit.
        burn.rate = burn.rate + UsdPerHour{price->micros};
        if (owner == "orphan") burn.orphan_rate = burn.orphan_rate + UsdPerHour{price->micros};
    }
    return burn;
}

Finding check_credit(const Json& account, const Burn& burn) {
    const Result<Usd> credit = parse_usd(text_at(account, "credit"));
    const Usd needed = std::max(kCreditMin, Usd{burn.rate.micros * kHoursAhead});
    const std::string text =
        money_cell(text_at(account, "credit")) + ", burning " + to_text(burn.rate);
    if (credit && *credit >= needed) return good("credit", text);
    return doubtful("credit", text,
                    "add credit: it covers less than a day, and machines stop when it is used up");
}

Finding tell_machines(const Burn& burn) {
    std::string text = std::to_string(burn.ours) + " rented";
    if (burn.adopted > 0) text += "; " + std::to_string(burn.adopted) + " adopted";
    if (burn.foreign > 0) text += "; " + std::to_string(burn.foreign) + " of others, left alone";
    return good("machines", text);
}

Finding check_orphans(const Burn& burn) {
    if (burn.orphans == 0) return good("orphans", "none");
    return doubtful("orphans",
                    std::to_string(burn.orphans) + " with our label and without a rental, at " +
                        to_text(burn.orphan_rate),
                    "herder instances reap");
}

Finding check_hold(ServerLink& server) {
    const Result<Json> renting = server.get("/renting");
    if (!renting || text_at(*renting, "held") != "true") return good("renting", "is allowed");
    return doubtful("renting",
                    "is held: " + printable(text_at(*renting, "held_by")) + " ended all machines " +
                        ago(text_at(*renting, "held_since"), current_look()),
                    "herder panic --lift");
}

// ---- what the account has registered --------------------------------------------------------

// The key itself, without its kind and without the comment.
std::string body_of(const std::string& public_key) {
    const std::size_t begin = public_key.find(' ');
    if (begin == std::string::npos) return "";
    const std::size_t end = public_key.find_first_of(" \n", begin + 1);
    return public_key.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
}

Finding check_ssh_key(const Json& setup) {
    const auto file = find_ssh_key();
    if (!has_list(setup, "ssh_keys"))
        return good("ssh key", "the key may not read which are registered");
    if (!file) return good("ssh key", "none here; jobs run without");
    const std::string own = body_of(read_file(*file).value_or(""));
    for (const std::string& text : texts_at(setup, "ssh_keys")) {
        if (!own.empty() && body_of(text) == own) return good("ssh key", *file + " is registered");
    }
    return doubtful("ssh key",
                    *file + " is not registered: you cannot log in to machines rented from now on",
                    "vastai create ssh-key " + *file);
}

Finding check_webhooks(const Json& setup) {
    if (text_at(setup, "takes_webhooks") != "true") {
        return good("webhooks",
                    "none are taken (HERDER_WEBHOOK_SECRET); listings show the same, later");
    }
    const std::string counts = text_at(setup, "webhooks_taken") + " came since the start";
    if (number_at(setup, "webhooks_refused") > 0) {
        return doubtful(
            "webhooks",
            counts + ", " + text_at(setup, "webhooks_refused") + " with a wrong signature",
            "give the server the secret of the webhook that points to it");
    }
    const std::vector<std::string> urls = texts_at(setup, "webhook_urls");
    const bool points_here = std::any_of(urls.begin(), urls.end(), [](const std::string& url) {
        return url.ends_with("/hooks/vast");
    });
    if (has_list(setup, "webhook_urls") && !points_here) {
        return doubtful("webhooks", "no webhook of the account ends in /hooks/vast",
                        "add one in the provider's console, with a URL that reaches this server");
    }
    if (number_at(setup, "webhooks_taken") == 0) {
        return doubtful("webhooks", "none has come since the start",
                        "send a test from the provider's console: does its URL reach this server?");
    }
    return good("webhooks", counts);
}

}  // namespace

std::vector<Finding> check_provider(ServerLink& server) {
    const Result<Json> account = server.get("/account");
    if (!account) {
        return {bad("key", account.error().message,
                    "set VAST_API_KEY for the server and start it again")};
    }
    std::vector<Finding> findings = {check_key(*account)};
    if (const Json* key = account->find("key")) findings.push_back(check_rights(*key));
    findings.push_back(check_skew(*account));
    const Result<Json::Array> machines = server.list("/instances", kMachinesMax);
    if (machines) {
        const Burn burn = burn_of(*machines);
        findings.push_back(check_credit(*account, burn));
        findings.push_back(tell_machines(burn));
        findings.push_back(check_orphans(burn));
    } else {
        findings.push_back(bad("machines", machines.error().message, "herder instances"));
    }
    findings.push_back(check_hold(server));
    if (const Json* setup = account->find("setup")) {
        findings.push_back(check_ssh_key(*setup));
        findings.push_back(check_webhooks(*setup));
    }
    return findings;
}

}  // namespace herder::cli
