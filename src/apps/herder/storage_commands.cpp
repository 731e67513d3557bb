#include "storage_commands.h"

#include <CLI/App.hpp>

#include "api/private_file.h"
#include "server_app.h"
#include "storage.h"
#include "storage_estimate.h"
#include "storage_rebuild.h"

namespace herder {

namespace {

using cli::Context;
using cli::ExitCode;

struct StorageOptions {
    std::string name;
    std::string location;
    std::string profile;
    std::string ca_file;
};

const char* word_of(remote::Verdict verdict) {
    switch (verdict) {
        case remote::Verdict::kWorks:
            return "works";
        case remote::Verdict::kMissing:
            return "missing";
        case remote::Verdict::kBroken:
            return "broken";
    }
    return "";
}

cli::Table table_of(const remote::ProbeReport& report) {
    cli::Table table;
    table.columns = {{"CHECK", "check"}, {"RESULT", "result"}, {"DETAIL", "detail"}};
    for (const remote::ProbeCheck& check : report.checks)
        table.rows.push_back({check.name, word_of(check.verdict), check.detail});
    return table;
}

// Connects, probes, shows; the record is complete afterwards.
Result<StorageRecord> probe(Context& context, StorageRecord record, const SystemClock& world) {
    record.route.reset();  // found out anew
    auto opened = connect_storage(record, "", world);
    if (!opened) return opened.error();
    const auto report = probe_storage(*opened, world);
    if (!report) return report.error();
    context.output.table(table_of(*report));
    const Duration offset = opened->clock_offset();
    if (offset.us != 0) {
        context.output.note("This machine's clock differs from the storage's by " +
                            std::to_string(offset.whole_seconds()) +
                            " s; signatures follow the storage's.");
    }
    if (!report->is_usable()) {
        return invalid("the storage " + record.location +
                       " does not do what is needed; see 'broken' above");
    }
    record.abilities = report->abilities;
    record.route = opened->route();
    return record;
}

// Certificates of authorities, without whatever else the file holds.
Result<std::string> read_roots(const std::string& path) {
    if (path.empty()) return std::string();
    const auto text = api::read_small_file(path);
    if (!text) return text.error();
    const std::string begin = "-----BEGIN CERTIFICATE-----";
    const std::string end = "-----END CERTIFICATE-----";
    std::string roots;
    for (std::size_t at = text->find(begin); at != text->npos; at = text->find(begin, at)) {
        const std::size_t stop = text->find(end, at);
        if (stop == text->npos) break;
        roots += text->substr(at, stop + end.size() - at) + "\n";
        at = stop;
    }
    if (!roots.empty()) return roots;
    return invalid("the file " + path +
                   " holds no certificate; it has to be PEM, with lines such "
                   "as " +
                   begin);
}

ExitCode add(Context& context, const StorageOptions& wish) {
    if (!is_storage_name(wish.name)) {
        return cli::fail(
            context,
            invalid("'" + wish.name + "' is no name of a storage; use letters, digits, - and _"));
    }
    const SystemClock world;
    const auto location =
        locate_storage({.where = wish.location, .endpoint = {}}, wish.profile, world);
    if (!location) return cli::fail(context, location.error());
    const std::string& folder = context.options.data_dir;
    const auto known = load_storages(folder);
    if (!known) return cli::fail(context, known.error());
    for (const StorageRecord& record : *known) {
        if (record.name == wish.name && record.location != *location) {
            return cli::fail(
                context, Error{ErrorCode::kConflict, "the storage '" + wish.name + "' is " +
                                                         record.location + "; take another name"});
        }
    }
    if (auto made = make_data_folder(folder); !made) return cli::fail(context, made.error());
    const auto roots = read_roots(wish.ca_file);
    if (!roots) return cli::fail(context, roots.error());
    const auto record =
        probe(context, {wish.name, *location, wish.profile, {}, {}, {}, *roots}, world);
    if (!record) return cli::fail(context, record.error());
    if (auto saved = save_storage(folder, *record); !saved)
        return cli::fail(context, saved.error());
    const Status fits = check_fit_for_server(record->abilities);
    context.output.note(fits ? "Use it with: herder up --storage " + wish.name
                             : "It is named, for data of jobs, and no server can keep its files "
                               "there: " +
                                   fits.error().message);
    return ExitCode::kOk;
}

ExitCode list(Context& context) {
    const auto known = load_storages(context.options.data_dir);
    if (!known) return cli::fail(context, known.error());
    cli::Table table;
    table.columns = {{"NAME", "name"},           {"LOCATION", "location"},
                     {"PROVIDER", "provider"},   {"PUT IF ABSENT", "put_if_absent"},
                     {"MULTIPART", "multipart"}, {"PROBED", "probed"}};
    table.when_empty = "no storage is known; herder storage add NAME LOCATION makes one";
    const auto yes_no = [](bool value) { return std::string(value ? "yes" : "no"); };
    for (const StorageRecord& record : *known) {
        const remote::Abilities& a = record.abilities;
        table.rows.push_back({record.name, record.location, a.provider,
                              yes_no(a.put_if_absent != remote::PutIfAbsent::kNone),
                              yes_no(a.multipart), a.probed});
    }
    context.output.table(table);
    return ExitCode::kOk;
}

ExitCode probe_again(Context& context, const StorageOptions& wish) {
    const SystemClock world;
    auto found = find_storage(context.options.data_dir, {wish.name, ""}, world);
    if (!found) return cli::fail(context, found.error());
    const bool is_known = !found->abilities.probed.empty();
    const auto record = probe(context, *found, world);
    if (!record) return cli::fail(context, record.error());
    if (!is_known) return ExitCode::kOk;
    const Status saved = save_storage(context.options.data_dir, *record);
    return saved ? ExitCode::kOk : cli::fail(context, saved.error());
}

// Quick: the way to the bucket and one object there and back.
Status try_object(const std::string& data_dir, const std::string& wanted) {
    const SystemClock world;
    const auto record = find_storage(data_dir, {wanted, ""}, world);
    if (!record) return record.error();
    auto opened = connect_storage(*record, "", world);
    if (!opened) return opened.error();
    opened->open_store(world);
    ObjectStore& store = *opened->store;
    const std::string key = "herder-test/" + std::to_string(world.wall().us);
    if (auto put = store.put(key, "herder storage test", false); !put) return put;
    const auto got = store.get(key, 100);
    const Status removed = store.remove(key);
    if (!got) return got.error();
    if (*got != "herder storage test")
        return Error{ErrorCode::kCorrupt, "the object came back changed"};
    return removed;
}

ExitCode test(Context& context, const StorageOptions& wish) {
    const Status done = try_object(context.options.data_dir, wish.name);
    if (!done) return cli::fail(context, done.error());
    context.output.note("An object was put, read and removed.");
    return ExitCode::kOk;
}

}  // namespace

void add_storage_commands(cli::Commands& commands) {
    auto& wish = commands.keep<StorageOptions>();
    CLI::App& group = commands.group("storage", "where checkpoints, outputs and work folders lie");
    CLI::App& adding = commands.add(
        "add", "name a bucket after probing what it can do",
        [&wish](Context& context) { return add(context, wish); }, &group);
    adding.add_option("NAME", wish.name, "for --storage")->required();
    adding
        .add_option("LOCATION", wish.location,
                    "s3://BUCKET/PREFIX, for others than AWS with ?endpoint=https://HOST; "
                    "gs://BUCKET/PREFIX, az://ACCOUNT/CONTAINER/PREFIX")
        ->required();
    adding.add_option("--ca-file", wish.ca_file,
                      "PEM certificates of a private authority to trust for this bucket");
    adding.add_option("--profile", wish.profile,
                      "a profile of ~/.aws to take the credentials from");
    commands.add(
        "ls", "the storages that are known", [](Context& context) { return list(context); },
        &group);
    CLI::App& testing = commands.add(
        "test", "put, read and remove one object",
        [&wish](Context& context) { return test(context, wish); }, &group);
    testing.add_option("STORAGE", wish.name, "a name or a location")->required();
    CLI::App& probing = commands.add(
        "probe", "try what the bucket can do, and record it",
        [&wish](Context& context) { return probe_again(context, wish); }, &group);
    probing.add_option("STORAGE", wish.name, "a name or a location")->required();
    add_storage_estimate(commands, group);
    add_storage_rebuild(commands, group);
}

}  // namespace herder
