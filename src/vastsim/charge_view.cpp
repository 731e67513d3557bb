#include "vastsim/charge_view.h"

#include <cstdio>

namespace herder::vastsim {

namespace {

Usd to_three_decimals(Usd amount) {
    return usd_micros((amount.micros + 500) / 1000 * 1000);
}

Json item(const ChargeRow& row, const char* type, Usd amount, std::string description) {
    const WallTime day{row.day * days(1).us};
    Json out;
    out.set("start", day.us / 1'000'000).set("end", day.us / 1'000'000).set("type", type);
    out.set("source", (row.is_volume ? "volume-" : "instance-") + std::to_string(row.contract));
    out.set("description", std::move(description)).set("amount", amount);
    out.set("metadata", Json::object()).set("items", Json::array());
    return out;
}

std::string gpu_text(const ChargeRow& row) {
    char text[96];
    std::snprintf(text, sizeof text, "%.3f hours at $%.3f/hour",
                  static_cast<double>(row.charges.gpu_us) / 3.6e9,
                  static_cast<double>(row.gpu_rate.micros) / 1e6);
    return text;
}

}  // namespace

BilledDay billed(const DayCharges& charges) {
    return {to_three_decimals(usd_of_product(charges.gpu)),
            to_three_decimals(usd_of_product(charges.disk)),
            to_three_decimals(usd_micros(charges.download_micros)),
            to_three_decimals(usd_micros(charges.upload_micros))};
}

Json charge_json(const ChargeRow& row) {
    const BilledDay amounts = billed(row.charges);
    const std::string id = std::to_string(row.contract);
    const char* type = row.is_volume ? "volume" : "instance";
    const std::string noun = row.is_volume ? "Volume " : "Instance ";
    Json out = item(row, type, amounts.total(), noun + id + " Charges - 1 days");
    Json metadata;
    metadata.set("template_id", row.template_id > 0 ? Json(row.template_id) : Json());
    metadata.set("label", row.label);
    out.set("metadata", std::move(metadata));
    Json items = Json::array();
    if (!row.is_volume) items.push(item(row, "gpu", amounts.gpu, gpu_text(row)));
    items.push(item(row, "disk", amounts.disk, "storage"));
    if (!row.is_volume) {
        items.push(item(row, "bwd", amounts.download, "download"));
        items.push(item(row, "bwu", amounts.upload, "upload"));
    }
    out.set("items", std::move(items));
    return out;
}

}  // namespace herder::vastsim
