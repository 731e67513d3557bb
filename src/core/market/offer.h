#pragma once
// An offer of a provider's market, in our units. What a provider calls its parts is translated by
// its adapter.
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"

namespace herder {

// What the offer's host says of itself, for people who look at the market. Nothing is decided by
// it, and it is not stored. 0 or empty: not said.
struct OfferSheet {
    std::int64_t cuda_hundredths = 0;  // the newest version that the driver can run: 1280 is 12.8
    std::int64_t pcie_mb_per_second = 0;
    std::int64_t cpu_mhz = 0;
    std::int64_t cpu_threads_tenths = 0;     // the offer's share of the host's
    std::int64_t ram_mb = 0;                 // the offer's share
    std::int64_t dl_performance_tenths = 0;  // the market's own benchmark of deep learning
    std::string status;                      // "verified", "unverified"
    bool operator==(const OfferSheet&) const = default;
};

struct Offer {
    std::string provider;      // "vast"
    std::int64_t ask = 0;      // the provider's id of the offer
    std::int64_t machine = 0;  // physical machine: the unit of blame
    std::int64_t host = 0;
    std::string gpu_name;  // canonical, as RTX_4090
    int gpu_count = 1;
    std::int64_t gpu_ram_mb = 0;     // per GPU
    bool interruptible = false;      // the price below is a bid
    UsdPerHour gpu_price{};          // whole machine's GPUs; for a bid the lowest that wins now
    UsdPerHour disk_price_per_gb{};  // $/h for one GB; the provider quotes it per month of 720 h
    std::int64_t upload_price_per_gb_micros = 0;
    std::int64_t download_price_per_gb_micros = 0;
    int reliability_ppm = 0;
    int upload_mbps = 0;
    int download_mbps = 0;
    Bytes disk_free;
    Duration remaining = kForever;  // until the host's offer ends
    bool verified = false;
    std::string location;                 // two letters where known
    std::string driver;                   // of the GPUs, "570.124.04"; empty: not said
    std::int64_t disk_mb_per_second = 0;  // as the host claims; 0: not said
    OfferSheet sheet;                     // not stored

    UsdPerHour disk_price(Bytes disk) const {
        return {disk_price_per_gb.micros * ((disk.count + 999'999'999) / 1'000'000'000)};
    }
    UsdPerHour total_price(Bytes disk) const { return gpu_price + disk_price(disk); }

    bool operator==(const Offer&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.provider);
        v(2, s.ask);
        v(3, s.machine);
        v(4, s.host);
        v(5, s.gpu_name);
        v(6, s.gpu_count);
        v(7, s.gpu_ram_mb);
        v(8, s.interruptible);
        v(9, s.gpu_price);
        v(10, s.disk_price_per_gb);
        v(11, s.upload_price_per_gb_micros);
        v(12, s.download_price_per_gb_micros);
        v(13, s.reliability_ppm);
        v(14, s.upload_mbps);
        v(15, s.download_mbps);
        v(16, s.disk_free);
        v(17, s.remaining);
        v(18, s.verified);
        v(19, s.location);
        v(20, s.driver);
        v(21, s.disk_mb_per_second);
    }
};

}  // namespace herder
