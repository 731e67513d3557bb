#pragma once
// A market that rents machines. Every call may cost money or lose a machine, so outcomes are typed:
// done, refused, unknown. Blocking, with deadlines inside; one thread at a time per object.
#include <functional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "core/cost_tracker/ledger.h"
#include "core/market/offer.h"
#include "core/provisioner/intent.h"
#include "core/step/input.h"

namespace herder {

struct OfferQuery {
    std::string gpu_name;  // canonical; empty: any
    int gpu_count = 1;     // 0: any
    Bytes disk = gigabytes(10);
    bool interruptible = false;
    std::size_t limit = 500;
};

struct CreateRequest {
    std::int64_t ask = 0;
    std::string label;  // at most 60 characters, in the call itself
    UsdPerHour bid{};   // GPU part of the price; 0: on demand
    Bytes disk;
    std::string image;
    std::string onstart;  // at most 4,000 characters
    std::vector<std::pair<std::string, std::string>> env;
    // Asked immediately before the first byte, after any wait for the market's pace: a call that
    // has become too late is not sent. Empty: it may be sent.
    std::function<bool()> may_send;
};

struct CreateAnswer {
    input::CallOutcome outcome = input::CallOutcome::kUnknown;
    ContractId contract;  // whenever the answer carries one: a machine then exists
    bool offer_gone = false;
    bool stop_all = false;  // key refused or out of credit: no other offer will help
    bool not_sent = false;  // with kRefused: no byte of the call left, so nothing can exist
    std::string detail;
};

struct CallAnswer {
    input::CallOutcome outcome = input::CallOutcome::kUnknown;
    std::string detail;
};

struct ChargeRow {
    Charge charge;  // owner not filled in
    std::string label;
};

struct AccountInfo {
    std::string user;
    Usd credit;
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
    // Charges of the days from..to (UTC, both included).
    virtual Result<std::vector<ChargeRow>> charges(std::int64_t from_day, std::int64_t to_day) = 0;
    virtual Result<AccountInfo> account() = 0;
};

}  // namespace herder
