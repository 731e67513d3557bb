#pragma once
// The storages that a data folder knows, and the one that its server uses: records in
// DATA_DIR/storage, without any secret. Credentials stay where Amazon's and Google's tools keep
// them.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/objects/s3/credential_chain.h"
#include "adapters/objects/s3/google_signer.h"
#include "adapters/objects/s3/s3_object_store.h"
#include "adapters/objects/s3/store_probe.h"
#include "adapters/system/system_clock.h"
#include "base/result.h"
#include "storage_wish.h"

namespace herder {

struct StorageRecord {
    std::string name;
    std::string location;  // s3::to_text
    std::string profile;   // of ~/.aws; empty: as the environment says
    s3::Abilities abilities;
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
Result<s3::Location> locate_storage(const StorageWish& wish, const std::string& profile,
                                    const SystemClock& world);

// By its name, or by its location; a location that is not known yet comes back with a name of its
// own and without abilities.
Result<StorageRecord> find_storage(const std::string& data_dir, const StorageWish& wish,
                                   const SystemClock& world);

// A connection to a bucket, with what it needs to live. Both clocks must outlive it.
struct OpenStorage {
    StorageRecord record;
    std::unique_ptr<s3::CredentialChain> credentials;  // one of these two
    std::unique_ptr<s3::GoogleSigner> google;
    std::unique_ptr<s3::S3Client> client;  // until `store` takes it
    std::unique_ptr<s3::S3ObjectStore> store;

    // Fetches credentials that end within `ahead` again.
    Status renew(Duration ahead) const;
};
// Connects only: region, addressing and the right to look are found out, unless the record has the
// route; then nothing is asked. `below`: a further part of
// every key; may be empty.
struct Patience {
    int tries = 6;
    Duration timeout = seconds(60);  // of one try
};
Result<OpenStorage> connect_storage(const StorageRecord& record, const std::string& below,
                                    const SystemClock& world, const Patience& patience = {});
// What a server needs of its bucket beyond what any use of it needs.
Status check_fit_for_server(const s3::Abilities& abilities);
struct StorageChoice {
    std::string data_dir;
    StorageRecord record;
    std::string below;
    std::string owner;
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
