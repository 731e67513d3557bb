#include "adapters/providers/vast/offers_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "adapters/providers/vast/fields_json.h"
#include "adapters/providers/vast/requests_json.h"
#include "core/market/gpu_names.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;
constexpr std::int64_t kHoursPerMonth = 720;  // the market's month for storage prices
constexpr std::int64_t kSmallestRamMb = 1'000;

std::optional<std::int64_t> first_of(const json::object& row, const char* name, const char* other,
                                     std::int64_t scale) {
    const auto value = get_scaled(row, name, scale);
    return value ? value : get_scaled(row, other, scale);
}

// $/h for one GB, rounded up so that a price limit holds; -1 where the market does not say.
UsdPerHour disk_price_of(const json::object& row, std::int64_t gigabytes) {
    if (const auto month = get_scaled(row, "storage_cost", kMicro)) {
        return {(*month + kHoursPerMonth - 1) / kHoursPerMonth};
    }
    if (const auto total = get_scaled(row, "storage_total_cost", kMicro)) {
        return {(*total + gigabytes - 1) / gigabytes};
    }
    return {-1};
}

// The GPU part: an unknown price stays 0, and an offer with 0 is never chosen.
UsdPerHour gpu_price_of(const json::object& row, bool interruptible) {
    const auto base = get_scaled(row, "dph_base", kMicro);
    const auto floor = get_scaled(row, "min_bid", kMicro);
    // In a bid search dph_base is the lowest bid that wins; both are taken, the higher one counts.
    if (interruptible) return {std::max({base.value_or(0), floor.value_or(0), std::int64_t{0}})};
    return {std::max(base.value_or(0), std::int64_t{0})};
}

Duration remaining_of(const json::object& row, WallTime wall) {
    if (const auto left = get_scaled(row, "duration", kMicro)) {
        return {std::max(*left, std::int64_t{0})};
    }
    if (const auto end = get_scaled(row, "end_date", kMicro)) {
        return std::max(WallTime{*end} - wall, Duration{});
    }
    return kForever;
}

bool is_verified(const json::object& row) {
    return get_text(row, "verification") == "verified" || get_integer(row, "vericode") == 1 ||
           get_bool(row, "verified") == true;
}

// Megabytes, but clients and pages of the market speak of gigabytes too: no card has less than one.
std::int64_t ram_mb_of(const json::object& row) {
    const std::int64_t ram = get_scaled(row, "gpu_ram", 1).value_or(0);
    if (ram <= 0) return 0;
    return ram < kSmallestRamMb ? ram * 1'000 : ram;
}

std::int64_t ask_of(const json::object& row) {
    return get_integer(row, "id").value_or(get_integer(row, "ask_contract_id").value_or(0));
}

// For people; what the row does not say stays 0 or empty.
OfferSheet sheet_of(const json::object& row) {
    const auto number = [&row](const char* name, std::int64_t scale) {
        return std::max(get_scaled(row, name, scale).value_or(0), std::int64_t{0});
    };
    OfferSheet sheet;
    sheet.cuda_hundredths = number("cuda_max_good", 100);
    sheet.pcie_mb_per_second = number("pcie_bw", 1000);
    sheet.cpu_mhz = number("cpu_ghz", 1000);
    sheet.cpu_threads_tenths = number("cpu_cores_effective", 10);
    sheet.ram_mb = number("cpu_ram", 1);
    sheet.dl_performance_tenths = number("dlperf", 10);
    sheet.status = get_line(row, "verification");
    return sheet;
}

std::optional<Offer> offer_of(const json::object& row, const OfferQuery& query, WallTime wall) {
    Offer offer;
    offer.provider = "vast";
    offer.ask = ask_of(row);
    offer.machine = get_integer(row, "machine_id").value_or(0);
    offer.gpu_name = from_market_gpu_name(get_text(row, "gpu_name"));
    offer.gpu_count = static_cast<int>(
        std::clamp<std::int64_t>(get_integer(row, "num_gpus").value_or(0), 0, 1024));
    if (offer.ask <= 0 || offer.machine <= 0 || offer.gpu_name.empty() || offer.gpu_count == 0) {
        return std::nullopt;
    }
    offer.host = get_integer(row, "host_id").value_or(0);
    offer.gpu_ram_mb = ram_mb_of(row);
    offer.interruptible = query.interruptible;
    offer.gpu_price = gpu_price_of(row, query.interruptible);
    offer.disk_price_per_gb = disk_price_of(row, disk_gigabytes(query.disk));
    offer.upload_price_per_gb_micros = get_scaled(row, "inet_up_cost", kMicro).value_or(0);
    offer.download_price_per_gb_micros = get_scaled(row, "inet_down_cost", kMicro).value_or(0);
    offer.reliability_ppm = static_cast<int>(std::clamp<std::int64_t>(
        first_of(row, "reliability2", "reliability", kMicro).value_or(0), 0, kMicro));
    const auto mbps = [&row](const char* name) {
        return static_cast<int>(
            std::clamp<std::int64_t>(get_scaled(row, name, 1).value_or(0), 0, 10'000'000));
    };
    offer.upload_mbps = mbps("inet_up");
    offer.download_mbps = mbps("inet_down");
    offer.disk_free = {get_scaled(row, "disk_space", 1'000'000'000).value_or(0)};
    offer.remaining = remaining_of(row, wall);
    offer.verified = is_verified(row);
    offer.driver = get_line(row, "driver_version");
    offer.disk_mb_per_second = std::max(get_scaled(row, "disk_bw", 1).value_or(0), std::int64_t{0});
    offer.location = country_of(get_text(row, "geolocation"));
    offer.sheet = sheet_of(row);
    return offer;
}

// Every filter of the search again, on what the row says itself.
bool serves(const Offer& offer, const json::object& row, const OfferQuery& query) {
    if (!gpu_matches(query.gpu_name, offer.gpu_name)) return false;
    if (query.gpu_count > 0 && offer.gpu_count != query.gpu_count) return false;
    if (offer.disk_free < gigabytes(disk_gigabytes(query.disk))) return false;
    if (!offer.verified || get_bool(row, "rentable") == false) return false;
    if (get_bool(row, "rented") == true || get_bool(row, "external") == true) return false;
    const auto is_bid = get_bool(row, "is_bid");
    return !is_bid || *is_bid == query.interruptible;
}

}  // namespace

Result<OfferPage> parse_offers(std::string_view body, const OfferQuery& query, WallTime wall) {
    // A whole market is megabytes of small values: they are all freed at once.
    json::monotonic_resource memory(std::max<std::size_t>(body.size() * 3, 1 << 16));
    json::error_code ec;
    const json::value value = json::parse(body, ec, &memory);
    const Error error{ErrorCode::kCorrupt, "the market's answer holds no list of offers"};
    if (ec || !value.is_object()) return error;
    const json::array* rows = get_array(value.get_object(), "offers");
    if (rows == nullptr) return error;
    OfferPage page;
    page.rows = rows->size();
    page.asks.reserve(page.rows);
    for (const json::value& row : *rows) {
        if (!row.is_object()) continue;
        const json::object& object = row.get_object();
        const auto total = get_scaled(object, "dph_total", kMicro);
        // One micro less makes up for the rounding.
        if (const std::int64_t ask = ask_of(object); ask > 0) page.asks.push_back(ask);
        if (total) page.dearest = std::max(page.dearest, UsdPerHour{*total - 1});
        auto offer = offer_of(object, query, wall);
        if (offer && serves(*offer, object, query)) page.offers.push_back(std::move(*offer));
    }
    return page;
}

}  // namespace herder::vast
