#include "adapters/providers/vast/charges_json.h"

#include <boost/json.hpp>
#include <charconv>
#include <map>

#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

ChargeKind kind_of(const std::string& word) {
    if (word == "gpu") return ChargeKind::kGpu;
    if (word == "disk") return ChargeKind::kDisk;
    if (word == "bwu") return ChargeKind::kUpload;
    if (word == "bwd") return ChargeKind::kDownload;
    return ChargeKind::kOther;
}

// "instance-12345678" -> 12345678.
std::optional<ContractId> contract_of(const std::string& source) {
    constexpr std::string_view kPrefix = "instance-";
    if (!source.starts_with(kPrefix)) return std::nullopt;
    const char* first = source.data() + kPrefix.size();
    const char* last = source.data() + source.size();
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(first, last, number);
    if (ec != std::errc() || end != last || number <= 0) return std::nullopt;
    return ContractId{number};
}

// Collects amounts by key, so that two items of one day and kind are one charge.
class Collector {
  public:
    explicit Collector(std::int64_t asked_day) : asked_day_(asked_day) {}

    Status add_row(const json::value& value) {
        const Error error{ErrorCode::kCorrupt, "the market's bill has a row that cannot be read"};
        if (!value.is_object()) return error;
        const json::object& row = value.get_object();
        const auto contract = contract_of(get_text(row, "source"));
        if (!contract) return error;
        std::string label;
        if (const json::value* metadata = find_field(row, "metadata")) {
            if (metadata->is_object()) label = get_text(metadata->get_object(), "label");
        }
        const std::int64_t day = day_of(row, asked_day_);
        const json::array* items = get_array(row, "items");
        if (items == nullptr || items->empty()) {
            return add(row, {*contract, day, ChargeKind::kOther}, label) ? ok() : error;
        }
        for (const json::value& item : *items) {
            if (!item.is_object()) return error;
            const json::object& part = item.get_object();
            const ChargeKey key{*contract, day_of(part, day), kind_of(get_text(part, "type"))};
            if (!add(part, key, label)) return error;
        }
        return ok();
    }

    std::vector<ChargeRow> take() {
        std::vector<ChargeRow> rows;
        for (auto& [key, row] : rows_)
            rows.push_back(std::move(row));
        return rows;
    }

  private:
    static std::int64_t day_of(const json::object& row, std::int64_t otherwise) {
        const auto start = get_scaled(row, "start", 1);
        return start && *start >= 0 ? *start / kDaySeconds : otherwise;
    }

    bool add(const json::object& row, const ChargeKey& key, const std::string& label) {
        const auto amount = get_scaled(row, "amount", kMicro);
        if (!amount) return false;
        ChargeRow& charge = rows_[key];
        charge.charge.key = key;
        charge.charge.amount += Usd{*amount};
        if (!label.empty()) charge.label = label;
        return true;
    }

    std::int64_t asked_day_;
    std::map<ChargeKey, ChargeRow> rows_;
};

}  // namespace

Result<ChargePage> parse_charges(std::string_view body, std::int64_t asked_day) {
    json::error_code ec;
    const json::value value = json::parse(body, ec);
    const Error error{ErrorCode::kCorrupt, "the market's answer holds no list of charges"};
    if (ec || !value.is_object()) return error;
    const json::object& object = value.get_object();
    if (object.if_contains("results") == nullptr) return error;
    ChargePage page;
    Collector collector(asked_day);
    if (const json::value* field = find_field(object, "results")) {
        if (!field->is_array()) return error;
        page.results = field->get_array().size();
        for (const json::value& row : field->get_array()) {
            if (Status added = collector.add_row(row); !added) return added.error();
        }
    }
    page.rows = collector.take();
    page.total = get_integer(object, "total");
    page.next_token = get_text(object, "next_token");
    return page;
}

}  // namespace herder::vast
