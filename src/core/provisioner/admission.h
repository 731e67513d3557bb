#pragma once
// Whether a rented machine is what its offer promised, from what its agent measured. Every bar is
// relative to the claim; speeds also have a floor below which they hurt, because one measurement of
// a link says little. What could not be measured fails nothing and is told. Pure.
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "core/jobs/agent_messages.h"
#include "core/market/offer.h"

namespace herder {

struct AdmissionBars {
    int memory_percent = 90;  // of the GPU memory that was offered
    int busy_percent = 10;    // of a GPU's memory in use before the job: somebody else is on it
    int disk_percent = 60;    // of the disk that was asked for; image layers may count against it
    int speed_percent = 10;   // of a claimed speed
    std::int64_t disk_floor_mb_per_second = 5;
    std::int64_t link_floor_mbps = 25;
};

// How fast machines usually reach our storage of late, up to what matters: no host is blamed for
// what the storage's own link does not do now, shared by all that start at once. 0: none yet.
struct LinkRecord {
    std::int64_t download_mbps = 0;
    std::int64_t upload_mbps = 0;
    bool operator==(const LinkRecord&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.download_mbps);
        v(2, s.upload_mbps);
    }
};

struct AdmissionVerdict {
    std::vector<std::string> failures;  // empty: admitted
    bool blames_host = true;            // of a failure: our own storage may be what failed
    bool admitted() const { return failures.empty(); }
    bool operator==(const AdmissionVerdict&) const = default;
};

AdmissionVerdict judge_admission(const Offer& offer, Bytes disk, const AdmissionFacts& facts,
                                 const LinkRecord& fastest, const AdmissionBars& bars);

void learn_links(LinkRecord& fastest, const AdmissionFacts& facts);

// "1 x RTX 4090 24 GB, driver 570.124.04, disk 95 GB free 410 MB/s, down 880 Mb/s, up 410 Mb/s".
std::string describe(const AdmissionFacts& facts);

// The disk that the provider really gave, as it says itself (vast-api Q45); empty: enough.
std::string find_short_disk(Bytes asked, Bytes given);

}  // namespace herder
