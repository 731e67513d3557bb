#pragma once
// The storages that a data folder knows, and the one that its server uses: records in
// DATA_DIR/storage, without any secret. Credentials stay where Amazon's, Google's and Azure's tools
// keep them.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/objects/az/azure_object_store.h"
#include "adapters/objects/remote/probe_report.h"
#include "adapters/objects/s3/credential_chain.h"
#include "adapters/objects/s3/google_signer.h"
#include "adapters/objects/s3/s3_object_store.h"
#include "adapters/system/system_clock.h"
#include "base/result.h"
#include "storage_wish.h"

namespace herder {

struct StorageRecord {
    std::string name;
    std::string location;  // as to_text of s3 or az writes it
    std::string profile;   // of ~/.aws; empty: as the environment says
    remote::Abilities abilities;
    std::optional<s3::Route> route;  // as probed or used before
    std::string owner;               // the server that has left its name there
    std::string roots_pem;           // of a private authority, beside the system's roots
    bool operator==(const StorageRecord&) const = default;
};

std::string to_json(const StorageRecord& record);
Result<StorageRecord> parse_storage(const std::string& text);

// Letters, digits, "-" and "_", so that it is a file name.
bool is_storage_name(const std::string& name);
Status save_storage(const std::string& data_dir, const StorageRecord& record);
Result<std::vector<StorageRecord>> load_storages(const std::string& data_dir);
http::TlsTrust trust_of(const StorageRecord& record);
// The roots of all private authorities, one text.
std::string roots_of(const std::vector<StorageRecord>& storages);

// The location that is wanted, with the endpoint that the environment or the profile gives it.
Result<std::string> locate_storage(const StorageWish& wish, const std::string& profile,
                                   const SystemClock& world);

// By its name, or by its location; a location that is not known yet comes back with a name of its
// own and without abilities.
Result<StorageRecord> find_storage(const std::string& data_dir, const StorageWish& wish,
                                   const SystemClock& world);

// A connection to a bucket or a container, with what it needs to live. Both clocks must outlive it.
struct OpenStorage {
    StorageRecord record;
    std::unique_ptr<s3::CredentialChain> credentials;  // Amazon's, for the client below
    std::unique_ptr<s3::GoogleSigner> google;          // the same
    std::unique_ptr<az::EntraAccess> entra;            // an application's, for the last of these
    std::unique_ptr<s3::S3Client> client;              // one of these two, until `store` takes it
    std::unique_ptr<az::AzureClient> azure;
    std::unique_ptr<remote::RemoteStore> store;

    // Fetches credentials that end within `ahead` again.
    Status renew(Duration ahead) const;
    // Makes `store` of the connection. `calendar`: the clock that expiry times are of.
    void open_store(const Clock& calendar);
    s3::Route route() const;
    Duration clock_offset() const;
};
// Connects only: region, addressing and the right to look are found out, unless the record has the
// route; then nothing is asked. `below`: a further part of
// every key; may be empty.
struct Patience {
    int tries = 6;
    Duration timeout = seconds(60);             // of one try
    const http::CancelToken* cancel = nullptr;  // ends all waiting; outlives the storage
};
Result<OpenStorage> connect_storage(const StorageRecord& record, const std::string& below,
                                    const SystemClock& world, const Patience& patience = {});
// Tries what the engine would like to rely on.
Result<remote::ProbeReport> probe_storage(OpenStorage& opened, const SystemClock& world);
// What a server needs of its bucket beyond what any use of it needs.
Status check_fit_for_server(const remote::Abilities& abilities);
struct StorageChoice {
    std::string data_dir;
    StorageRecord record;
    std::string below;
    std::string owner;
    const http::CancelToken* cancel = nullptr;  // as in Patience
};
// Probes where that was not done, leaves the server's name (`owner`) in the bucket, and saves what
// was found out in the record. A bucket that cannot be reached for now is opened all the same if
// this server has used it before: its machines must be watched meanwhile.
Result<OpenStorage> open_storage(const StorageChoice& choice, const SystemClock& world,
                                 const Clock& calendar);

// A server stays with the storage that it began with, since its jobs' files are there. To be called
// before its database is made: notes that nothing is decided yet.
Status note_new_server(const std::string& data_dir);
// The one to use, nothing for the folder: the one before where nothing is wanted. kConflict, with
// what to do, for another one than before.
Result<std::optional<StorageRecord>> settle_storage(const std::string& data_dir,
                                                    const StorageWish& wish,
                                                    const SystemClock& world);
Status remember_storage(const std::string& data_dir, const std::string& chosen);
// Fetches temporary credentials again in time, so that signing never waits for a network.
class CredentialRenewal {
  public:
    // The storage must outlive it.
    explicit CredentialRenewal(const OpenStorage& storage);
    ~CredentialRenewal();
    CredentialRenewal(const CredentialRenewal&) = delete;
    CredentialRenewal& operator=(const CredentialRenewal&) = delete;

  private:
    void loop();
    const OpenStorage& storage_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by mutex_
    std::thread thread_;     // last: it uses all of the above
};

}  // namespace herder
