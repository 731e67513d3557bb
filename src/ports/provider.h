#pragma once
// A market that rents machines. Every call may cost money or lose a machine, so outcomes are typed:
// done, refused, unknown. Blocking, with deadlines inside; called from several threads.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "core/cost_tracker/ledger.h"
#include "core/market/offer.h"
#include "core/provisioner/intent.h"
#include "core/provisioner/maintenance.h"
#include "core/provisioner/price_increase.h"
#include "core/step/input.h"

namespace herder {

struct OfferQuery {
    std::string gpu_name;  // canonical; empty: any
    int gpu_count = 1;     // 0: any
    Bytes disk = gigabytes(10);
    bool interruptible = false;
    bool reserved = false;    // on demand, of hosts that give a discount for a deposit
    std::size_t limit = 500;  // cheapest first
    std::string owner;        // whom the call serves: a job or a person; owners take turns
    bool in_person = false;   // somebody waits at a terminal: jobs go first
};

// What starts the request's script: a shell with an ssh server beside it, one with Jupyter, or the
// image with the script in place of its own command and nothing else.
enum class RunType : int { kSsh, kJupyter, kCommand };

struct CreateRequest {
    std::int64_t ask = 0;
    std::string label;  // at most 60 characters, in the call itself
    UsdPerHour bid{};   // GPU part of the price; 0: on demand
    Bytes disk;
    std::string image;
    std::string onstart;  // below 4,000 characters
    RunType run_type = RunType::kSsh;
    std::string image_login = {};  // "-u USER -p PASSWORD registry" of a private image; a secret
    std::vector<std::pair<std::string, std::string>> env;
    // Asked immediately before the first byte, after any wait for the market's pace: a call that
    // has become too late is not sent. Empty: it may be sent.
    std::function<bool()> may_send;
    std::string owner;  // the job; owners take turns
};

struct CreateAnswer {
    input::CallOutcome outcome = input::CallOutcome::kUnknown;
    ContractId contract;  // whenever the answer carries one: a machine then exists
    bool offer_gone = false;
    bool stop_all = false;  // key refused or out of credit: no other offer will help
    bool not_sent = false;  // with kRefused: no byte of the call left, so nothing can exist
    Duration retry_in;      // with not_sent: nothing will leave sooner
    std::string detail;
    // Of this machine alone: it can show, stop, start and destroy it. A secret, never logged; empty
    // where the provider gives none.
    std::string machine_key = {};
};

struct CallAnswer {
    input::CallOutcome outcome = input::CallOutcome::kUnknown;
    std::string detail;
    bool not_sent = false;  // with kRefused: no byte of the call left
    // Of a start, with kRefused: its GPUs are somebody else's now, but the start stays with the
    // market and may begin to run, and to bill, at any later time. A stop or a destroy ends it.
    bool queued = false;
};

struct ChargeRow {
    Charge charge;  // owner not filled in
    std::string label;
};

struct LogQuery {
    int lines = 1000;         // the last ones
    std::string filter = {};  // only lines that contain it; empty: all
    bool host_side = false;   // what the host's daemon says, such as errors of an image pull
};

struct AccountInfo {
    std::string user;
    Usd credit;
    // The provider's clock minus ours, to about a second; nothing where it does not tell its time.
    std::optional<Duration> clock_ahead = {};
};

// Where the account's key was found and what it may do, for people; never the key itself.
struct KeyReport {
    std::string source;     // a variable or a file
    std::string hides;      // a file with another key that the variable hides; empty: none
    bool is_known = false;  // false: the provider does not say what the key may do
    std::string name;       // as the account calls it
    std::vector<std::string> missing;  // rights that are needed and not there
    std::vector<std::string> spare;    // rights beyond those: what a thief of the key could do more
};

// What an account has registered beside its keys, for people; nothing where it could not be read.
struct AccountSetup {
    std::optional<std::vector<std::string>> ssh_keys;      // public halves, as in authorized_keys
    std::optional<std::vector<std::string>> webhook_urls;  // where notifications are sent
    bool takes_webhooks = false;                           // this server knows their secret
    std::uint64_t webhooks_taken = 0;                      // since it started
    std::uint64_t webhooks_refused = 0;                    // for a wrong signature
};

class Provider {
  public:
    virtual ~Provider() = default;
    virtual std::string name() const = 0;
    virtual Result<std::vector<Offer>> search(const OfferQuery& query) = 0;
    // Exactly one attempt on the wire, never repeated by anything below.
    virtual CreateAnswer create(const CreateRequest& request) = 0;
    virtual CallAnswer destroy(ContractId contract) = 0;
    // All machines of the account, every page read and consistent, or an error.
    virtual Result<std::vector<ListedMachine>> list() = 0;
    virtual CallAnswer change_bid(ContractId contract, UsdPerHour bid) = 0;

    // The calls from here to logs() are refused by name where a provider has no such thing.
    // One machine; nothing if the market does not know it. Proof of absence is list(), not this.
    virtual Result<std::optional<ListedMachine>> show(ContractId contract);
    // Ends what the GPUs cost; the disk is kept and bills on.
    virtual CallAnswer stop(ContractId contract);
    virtual CallAnswer start(ContractId contract);
    virtual CallAnswer set_label(ContractId contract, const std::string& label);
    // As few calls as the provider allows; one after another where it has none for many. Done: all
    // were taken. Otherwise some may have been, and only list() tells.
    virtual CallAnswer stop_many(const std::vector<ContractId>& contracts);
    virtual CallAnswer destroy_many(const std::vector<ContractId>& contracts);
    // Of the machine's container; may hold secrets that the job printed. kNotFound: none yet.
    virtual Result<std::string> logs(ContractId contract, const LogQuery& query);
    // Price increases that wait for an answer; none where prices never rise.
    virtual Result<std::vector<PriceIncrease>> increases();
    virtual CallAnswer answer_increase(std::int64_t increase, bool accept);
    // What is announced for these machines (Offer::machine), or has begun and is not over.
    virtual Result<std::vector<Maintenance>> maintenances(
        const std::vector<std::int64_t>& machines);
    // Charges of the days from..to (UTC, both included).
    virtual Result<std::vector<ChargeRow>> charges(std::int64_t from_day, std::int64_t to_day) = 0;
    virtual Result<AccountInfo> account() = 0;
};

}  // namespace herder
