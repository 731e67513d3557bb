#pragma once
// What a month of checkpoints costs in a bucket, from prices and habits. Pure.
#include <cstdint>

#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"

namespace herder {

struct StoragePrices {
    Usd gigabyte_month;     // of 10^9 bytes
    Usd million_writes;     // create, part, complete, put, list
    Usd million_reads;      // get, head
    Usd gigabyte_out;       // sent to machines elsewhere
    Duration billed_least;  // a deleted object is paid for this long; 0: as long as it is there
    bool operator==(const StoragePrices&) const = default;
};

struct StorageUse {
    Bytes checkpoint;        // of one, > 0
    int files = 1;           // in it
    Duration every;          // between two, > 0
    int kept = 3;            // at any time
    Duration trained_a_day;  // at most a day
    int restores = 0;        // in the month
    int parts = 1;           // that one checkpoint is sent in
    // The store puts an object together by reading and writing each part once more.
    bool copies_parts = false;
};

// Of 30 days.
struct StorageBill {
    std::int64_t checkpoints = 0;  // written
    std::int64_t writes = 0;       // requests
    std::int64_t reads = 0;
    Bytes stored;  // on average, as it is billed
    Bytes sent;
    Usd storage;
    Usd requests;
    Usd traffic;
    Usd total() const { return storage + requests + traffic; }
    bool operator==(const StorageBill&) const = default;
};
StorageBill estimate_month(const StorageUse& use, const StoragePrices& prices);

}  // namespace herder
