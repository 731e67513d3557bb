#include "storage.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapters/http/cancellable_wait.h"
#include "adapters/objects/az/azure_probe.h"
#include "adapters/objects/s3/store_probe.h"
#include "api/private_file.h"
#include "base/log.h"

namespace herder {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kRenewalInterval{60};
// Well before any other caller would renew them, so that only the renewal waits for the network.
constexpr Duration kRenewalAhead = minutes(8);
constexpr const char* kClaimKey = "server.json";

std::string folder_of(const std::string& data_dir) {
    return data_dir + "/storage";
}
std::string chosen_file(const std::string& data_dir) {
    return folder_of(data_dir) + "/chosen";
}

Result<std::string> read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) return not_found("the file " + path + " cannot be read");
    return text.str();
}

Status write_text(const std::string& path, const std::string& text) {
    std::error_code failed;
    fs::create_directories(fs::path(path).parent_path(), failed);
    return api::write_private_file(path, text);
}

// The storage's name that the file says; empty: nothing is decided yet.
Result<std::string> read_chosen(const std::string& data_dir) {
    const std::string path = chosen_file(data_dir);
    const auto text = api::read_small_file(path);
    std::error_code failed;
    if (!text && !fs::exists(path, failed) && !failed) return std::string(kFolderStorage);
    if (!text) return unavailable("the file " + path + " cannot be read; who owns it?");
    // Half of a name, or none, must not send the server to another storage than its jobs' files.
    if (text->empty() || text->back() != '\n') {
        return Error{
            ErrorCode::kCorrupt,
            "the file " + path + " is damaged; write into it, in one line, the " +
                "name of the storage that has this server's files ('herder storage ls' shows "
                "them; 'folder' is the data folder itself)"};
    }
    return text->substr(0, text->find('\n'));
}

std::string name_from(const std::string& location) {
    const auto address = parse_bucket_address(location);
    std::string name = address ? address->bucket : "";
    std::replace_if(name.begin(), name.end(), [](char c) { return c == '.' || c == '$'; }, '-');
    return name;
}

Status probe_and_save(const std::string& data_dir, OpenStorage& opened, const SystemClock& world) {
    const auto report = probe_storage(opened, world);
    if (!report) return report.error();
    if (!report->is_usable()) {
        return invalid("the storage " + opened.record.location +
                       " does not do what is needed; 'herder storage probe' shows what");
    }
    opened.record.abilities = report->abilities;
    return save_storage(data_dir, opened.record);
}

// Two servers would overwrite each other's files: the first one leaves its name.
Status claim_storage(ObjectStore& store, const std::string& owner) {
    const std::string text = "{\"cluster\":\"" + owner + "\"}\n";
    Status put = store.put(kClaimKey, text, true);
    if (put || put.error().code != ErrorCode::kConflict) return put;
    const auto there = store.get(kClaimKey, 4096);
    if (!there) return there.error();
    if (*there == text) return ok();
    return Error{ErrorCode::kConflict, "another server works in this bucket and prefix (" +
                                           there->substr(0, there->find('\n')) +
                                           "); name another prefix, or remove the object " +
                                           kClaimKey + " if that server is gone for good"};
}

// Whether this server's name still stands in the bucket. Asks once and not for long.
Status check_claim(const StorageChoice& choice, const SystemClock& world, const Clock& calendar) {
    auto opened = connect_storage(choice.record, choice.below, world, {1, seconds(15)});
    if (!opened) return opened.error();
    opened->open_store(calendar);
    return claim_storage(*opened->store, choice.owner);
}

bool is_same_place(const std::string& known, const std::string& wanted) {
    const auto azure = az::parse_location(known);
    const auto wanted_azure = az::parse_location(wanted);
    if (azure && wanted_azure) return *azure == *wanted_azure;
    const auto here = s3::parse_location(known);
    const auto there = s3::parse_location(wanted);
    return here && there && here->bucket == there->bucket && here->prefix == there->prefix &&
           here->endpoint == there->endpoint && here->dialect == there->dialect;
}

// The endpoint that is wanted beside the location, which must not name another one.
template <class Location>
Status add_endpoint(const StorageWish& wish, Location& location,
                    Status (*set)(Location&, const std::string&)) {
    if (wish.endpoint.empty()) return ok();
    Location other = location;
    if (auto done = set(other, wish.endpoint); !done) return done;
    if (!location.endpoint.empty() && location.endpoint != other.endpoint) {
        return invalid("the storage '" + wish.where + "' names another endpoint than '" +
                       wish.endpoint + "'; leave out one of them");
    }
    location = other;
    return ok();
}

Result<az::Credentials> azure_credentials(const az::Location& location, const SystemClock& world) {
    return az::find_credentials(s3::real_credential_world(world).variable, location);
}

Result<std::string> locate_azure(const StorageWish& wish, const SystemClock& world) {
    auto location = az::parse_location(wish.where);
    if (!location) return location.error();
    if (auto added = add_endpoint(wish, *location, az::set_endpoint); !added) return added.error();
    const auto credentials = azure_credentials(*location, world);
    // Without credentials that is said when they are needed.
    if (credentials && location->endpoint.empty() && !credentials->endpoint.empty()) {
        if (auto set = az::set_endpoint(*location, credentials->endpoint); !set) return set.error();
    }
    return az::to_text(*location);
}

std::string free_name(const std::vector<StorageRecord>& known, const std::string& base) {
    const auto is_taken = [&known](const std::string& name) {
        return std::any_of(known.begin(), known.end(),
                           [&name](const StorageRecord& record) { return record.name == name; });
    };
    std::string name = base;
    for (int i = 2; is_taken(name); ++i)
        name = base + "-" + std::to_string(i);
    return name;
}

}  // namespace

bool is_storage_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 && name != kFolderStorage &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '-' || c == '_';
           });
}

Status save_storage(const std::string& data_dir, const StorageRecord& record) {
    return write_text(folder_of(data_dir) + "/" + record.name + ".json", to_json(record) + "\n");
}

Result<std::vector<StorageRecord>> load_storages(const std::string& data_dir) {
    std::vector<StorageRecord> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder_of(data_dir), failed)) {
        if (entry.path().extension() != ".json") continue;
        const auto text = read_text(entry.path());
        if (!text) return text.error();
        auto record = parse_storage(*text);
        if (!record) return record.error().with_context(entry.path());
        found.push_back(std::move(*record));
    }
    std::sort(found.begin(), found.end(),
              [](const StorageRecord& a, const StorageRecord& b) { return a.name < b.name; });
    return found;
}

std::string roots_of(const std::vector<StorageRecord>& storages) {
    std::string all;
    for (const StorageRecord& record : storages)
        all += record.roots_pem.empty() ? "" : record.roots_pem + "\n";
    return all;
}

http::TlsTrust trust_of(const StorageRecord& record) {
    http::TlsTrust trust;
    trust.extra_roots_pem = record.roots_pem;
    return trust;
}

Result<std::string> locate_storage(const StorageWish& wish, const std::string& profile,
                                   const SystemClock& world) {
    if (az::is_azure(wish.where)) return locate_azure(wish, world);
    auto location = s3::parse_location(wish.where);
    if (!location) return location.error();
    if (auto added = add_endpoint(wish, *location, s3::set_endpoint); !added) return added.error();
    if (location->is_google()) return s3::to_text(*location);
    const s3::CredentialChain chain(s3::real_credential_world(world), profile);
    // The region is not kept: it is found out, and another shell may name another one.
    location->endpoint = chain.complete(*location).endpoint;
    return s3::to_text(*location);
}

Result<StorageRecord> find_storage(const std::string& data_dir, const StorageWish& wish,
                                   const SystemClock& world) {
    const auto known = load_storages(data_dir);
    if (!known) return known.error();
    if (wish.where.find("://") == std::string::npos) {
        for (const StorageRecord& record : *known) {
            if (record.name == wish.where) return record;
        }
        return not_found("there is no storage '" + wish.where +
                         "'; 'herder storage ls' shows them, 'herder storage add NAME LOCATION' "
                         "makes one");
    }
    const auto location = locate_storage(wish, "", world);
    if (!location) return location.error();
    for (const StorageRecord& record : *known) {
        if (is_same_place(record.location, *location)) return record;
    }
    StorageRecord fresh;
    fresh.location = *location;
    fresh.name = free_name(*known, name_from(*location));
    return fresh;
}

namespace {

// Google's credentials, or Amazon's with what the environment says beyond them.
void set_credentials(const s3::Location& location, const SystemClock& world, OpenStorage& opened,
                     s3::ClientSettings& settings) {
    settings.location = location;
    const s3::CredentialWorld outside = s3::real_credential_world(world, settings.cancel);
    if (location.is_google()) {
        opened.google = std::make_unique<s3::GoogleSigner>(outside);
        settings.signer = opened.google.get();
        return;
    }
    opened.credentials = std::make_unique<s3::CredentialChain>(outside, opened.record.profile);
    settings.location = opened.credentials->complete(location);
    // The record says where it is; what another shell's environment says is of another place.
    settings.location.endpoint = location.endpoint;
    settings.credentials = [&chain = *opened.credentials] { return chain.get(); };
    settings.credentials_at_hand = [&chain = *opened.credentials] { return chain.at_hand(); };
}

}  // namespace

Status OpenStorage::renew(Duration ahead) const {
    if (google) {
        const auto token = google->access().token(ahead);
        return token ? ok() : Status(token.error());
    }
    if (entra) return entra->renew(ahead);
    if (!credentials) return ok();  // the keys of Azure's accounts do not end
    const auto found = credentials->get(ahead);
    return found ? ok() : Status(found.error());
}

void OpenStorage::open_store(const Clock& calendar) {
    if (azure)
        store = std::make_unique<az::AzureObjectStore>(std::move(azure), calendar);
    else
        store = std::make_unique<s3::S3ObjectStore>(std::move(client), record.abilities, calendar);
}

s3::Route OpenStorage::route() const {
    return client ? client->route() : s3::Route{};
}

Duration OpenStorage::clock_offset() const {
    return client ? client->clock_offset() : azure ? azure->clock_offset() : Duration{};
}

namespace {

// Between two tries.
std::function<void(Duration)> waiter(const SystemClock& world, const Patience& patience) {
    if (patience.cancel == nullptr) return [&world](Duration delay) { world.sleep(delay); };
    return
        [cancel = patience.cancel](Duration delay) { http::wait_unless_cancelled(delay, *cancel); };
}

// What signs for an application, and tells the account's address.
Status open_entra(const az::Principal& principal, const az::ClientSettings& settings,
                  const SystemClock& world, OpenStorage& opened) {
    const auto account = az::address_of(settings.location, "", "");
    if (!account) return account.error();
    const s3::CredentialWorld outside = s3::real_credential_world(world, settings.cancel);
    opened.entra = std::make_unique<az::EntraAccess>(principal, account->origin, account->path,
                                                     az::EntraWorld{outside.fetch, outside.now});
    return ok();
}

Result<std::unique_ptr<az::AzureClient>> connect_azure(OpenStorage& opened,
                                                       const std::string& below,
                                                       const SystemClock& world,
                                                       const Patience& patience) {
    const StorageRecord& record = opened.record;
    auto location = az::parse_location(record.location);
    if (!location) return location.error();
    if (!below.empty()) location->prefix += below + "/";
    const auto credentials = azure_credentials(*location, world);
    if (!credentials) return credentials.error();
    az::ClientSettings settings;
    settings.tries = patience.tries;
    settings.timeout = patience.timeout;
    settings.cancel = patience.cancel;
    settings.location = *location;
    settings.credentials = *credentials;
    if (credentials->principal && !opened.entra) {
        const Status made = open_entra(*credentials->principal, settings, world, opened);
        if (!made) return made.error();
    }
    settings.entra = opened.entra.get();
    settings.trust = trust_of(record);
    settings.wait = waiter(world, patience);
    auto client = az::AzureClient::open(std::move(settings), world);
    if (!client || record.route) return client;
    if (auto checked = (*client)->check(); !checked) return checked.error();
    if (opened.entra) {
        if (auto signs = opened.entra->renew({}); !signs) return signs.error();
    }
    return client;
}

Result<std::unique_ptr<s3::S3Client>> connect_bucket(OpenStorage& opened, const std::string& below,
                                                     const SystemClock& world,
                                                     const Patience& patience) {
    const StorageRecord& record = opened.record;
    auto location = s3::parse_location(record.location);
    if (!location) return location.error();
    if (!below.empty()) location->prefix += below + "/";
    s3::ClientSettings settings;
    settings.cancel = patience.cancel;
    set_credentials(*location, world, opened, settings);
    settings.tries = patience.tries;
    settings.timeout = patience.timeout;
    settings.route = record.route;
    settings.trust = trust_of(record);
    settings.wait = waiter(world, patience);
    return s3::S3Client::open(std::move(settings), world);
}

Error told(const Error& error, const StorageRecord& record) {
    Error failed = error.with_context("the storage " + record.location);
    if (failed.message.find("certificate refused") != std::string::npos) {
        failed.message +=
            "; for a private authority: herder storage add NAME LOCATION --ca-file FILE";
    }
    return failed;
}

}  // namespace

Result<OpenStorage> connect_storage(const StorageRecord& record, const std::string& below,
                                    const SystemClock& world, const Patience& patience) {
    OpenStorage opened;
    opened.record = record;
    if (az::is_azure(record.location)) {
        auto client = connect_azure(opened, below, world, patience);
        if (!client) return told(client.error(), record);
        opened.azure = std::move(*client);
        return opened;
    }
    auto client = connect_bucket(opened, below, world, patience);
    if (!client) return told(client.error(), record);
    opened.client = std::move(*client);
    return opened;
}

Result<remote::ProbeReport> probe_storage(OpenStorage& opened, const SystemClock& world) {
    const http::TlsTrust trust = trust_of(opened.record);
    if (opened.client) return s3::probe_store(*opened.client, world, trust);
    auto client = connect_azure(opened, "", world, {});
    if (!client) return client.error();
    az::AzureObjectStore store(std::move(*client), world);
    return az::probe_store(store, world, trust);
}

Status check_fit_for_server(const remote::Abilities& abilities) {
    if (abilities.multipart) return ok();
    // A single PUT by signed URL can be repeated by whoever still holds the URL.
    return invalid(
        "the bucket was not seen to take multipart uploads, without which a machine that was given "
        "up could replace a checkpoint; 'herder storage probe' says why");
}

namespace {

// URLs are signed while the state is read, which must wait for no network.
Status check_signer(const OpenStorage& opened) {
    if (!opened.google) return ok();
    const auto signs = opened.google->access().signs_here();
    if (!signs) return signs.error();
    if (*signs) return ok();
    return invalid(
        "these Google credentials sign each URL by a call over the network, which a server cannot "
        "wait for; set GOOGLE_APPLICATION_CREDENTIALS to the JSON key file of a service account");
}

}  // namespace

Result<OpenStorage> open_storage(const StorageChoice& choice, const SystemClock& world,
                                 const Clock& calendar) {
    Patience patience;
    patience.cancel = choice.cancel;
    auto opened = connect_storage(choice.record, choice.below, world, patience);
    if (!opened) return opened.error();
    if (choice.record.abilities.probed.empty()) {
        const Status probed = probe_and_save(choice.data_dir, *opened, world);
        if (!probed) return probed.error();
    }
    if (auto fit = check_fit_for_server(opened->record.abilities); !fit) return fit.error();
    if (auto signs = check_signer(*opened); !signs) return signs.error();
    const s3::Route route = opened->route();
    opened->open_store(calendar);
    const bool was_ours = choice.record.route && choice.record.owner == choice.owner;
    const Status claimed = was_ours ? check_claim(choice, world, calendar)
                                    : claim_storage(*opened->store, choice.owner);
    if (!claimed) {
        if (!was_ours || claimed.error().code != ErrorCode::kUnavailable) return claimed.error();
        log_warn("storage.unreachable",
                 {{"storage", opened->record.location},
                  {"reason", claimed.error().message},
                  {"next", "the server starts; files wait until it answers"}});
        return opened;
    }
    opened->record.route = route;
    opened->record.owner = choice.owner;
    if (opened->record == choice.record) return opened;
    if (auto saved = save_storage(choice.data_dir, opened->record); !saved) return saved.error();
    return opened;
}

Status note_new_server(const std::string& data_dir) {
    // A chosen storage outlives a lost database: what is in the bucket can be taken up again.
    if (fs::exists(data_dir + "/herder.db") || fs::exists(chosen_file(data_dir))) return ok();
    return remember_storage(data_dir, "");
}

Result<std::optional<StorageRecord>> settle_storage(const std::string& data_dir,
                                                    const StorageWish& wish,
                                                    const SystemClock& world) {
    const auto before = read_chosen(data_dir);
    if (!before) return before.error();
    StorageWish wanted = wish;
    if (wanted.where.empty()) wanted = {before->empty() ? kFolderStorage : *before, ""};
    std::optional<StorageRecord> chosen;
    if (wanted.where != kFolderStorage) {
        auto record = find_storage(data_dir, wanted, world);
        if (!record) return record.error();
        chosen = std::move(*record);
    }
    const std::string name = chosen ? chosen->name : kFolderStorage;
    if (before->empty() || *before == name) return chosen;
    return Error{ErrorCode::kConflict,
                 "the files of this server's jobs are in the storage '" + *before + "', not in '" +
                     name +
                     "'; start it without --storage, or name another --data-dir for a new "
                     "server"};
}

Status remember_storage(const std::string& data_dir, const std::string& chosen) {
    return write_text(chosen_file(data_dir), chosen + "\n");
}

CredentialRenewal::CredentialRenewal(const OpenStorage& storage)
    : storage_(storage), thread_([this] { loop(); }) {}

CredentialRenewal::~CredentialRenewal() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void CredentialRenewal::loop() {
    std::unique_lock lock(mutex_);
    do {
        lock.unlock();
        if (const auto renewed = storage_.renew(kRenewalAhead); !renewed) {
            log_warn("storage.credentials_failed", {{"reason", renewed.error().message}});
        }
        lock.lock();
    } while (!changed_.wait_for(lock, kRenewalInterval, [this] { return stopping_; }));
}

}  // namespace herder
