#include "adapters/providers/vast/manage_json.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "adapters/http/url.h"
#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::int64_t kMicro = 1'000'000;
// Of the API reference, sections 2.5 and 2.10.
constexpr std::size_t kLabelLengthMax = 1'024;
constexpr std::size_t kCommandLengthMax = 512;
constexpr int kLogLinesMax = 100'000;
// The market's month of 720 hours.
constexpr std::int64_t kMonthMicros = 720LL * 3'600 * kMicro;

json::array ids_of(const std::vector<ContractId>& contracts) {
    json::array ids;
    for (const ContractId contract : contracts)
        ids.emplace_back(contract.value);
    return ids;
}

const char* word_of(bool running) {
    return running ? "running" : "stopped";
}

Result<json::object> object_of(std::string_view body, const char* what) {
    json::error_code ec;
    json::value value = json::parse(body, ec);
    if (ec || !value.is_object()) {
        return Error{ErrorCode::kCorrupt, std::string("the market's answer holds no ") + what};
    }
    return std::move(value.get_object());
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

}  // namespace

std::string encode_state(bool running) {
    return json::serialize(json::object{{"state", word_of(running)}});
}

std::string encode_states(bool running, const std::vector<ContractId>& contracts) {
    return json::serialize(json::object{{"state", word_of(running)}, {"ids", ids_of(contracts)}});
}

Result<std::string> encode_label(const std::string& label) {
    if (label.size() > kLabelLengthMax) {
        return invalid("a label has at most 1,024 characters");
    }
    return json::serialize(json::object{{"label", label}});
}

std::string encode_contracts(const std::vector<ContractId>& contracts) {
    return json::serialize(json::object{{"instance_ids", ids_of(contracts)}});
}

Result<std::string> encode_log_request(const LogQuery& query) {
    if (query.lines < 1 || query.lines > kLogLinesMax) {
        return invalid("from 1 to 100,000 lines of a log can be asked for");
    }
    json::object body;
    body["tail"] = std::to_string(query.lines);  // a string
    if (!query.filter.empty()) body["filter"] = query.filter;
    if (query.host_side) body["daemon_logs"] = "true";
    return json::serialize(body);
}

Result<std::string> encode_command(const std::string& command) {
    constexpr std::array<std::string_view, 3> kKnown = {"ls", "rm", "du"};
    const std::string_view name = std::string_view(command).substr(0, command.find(' '));
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
        return invalid("only ls, rm and du can be run on a stopped machine, not '" +
                       std::string(name.substr(0, 40)) + "'");
    }
    if (command.size() > kCommandLengthMax || has_control(command)) {
        return invalid("a command is one line of at most 512 characters");
    }
    return json::serialize(json::object{{"command", command}});
}

Result<std::string> parse_result_url(std::string_view body) {
    const auto object = object_of(body, "address of a result");
    if (!object) return object.error();
    const std::string url = get_text(*object, "result_url");
    const auto parsed = http::parse_url(url);
    if (!parsed) {
        return Error{ErrorCode::kCorrupt, "the market's answer holds no address of a result"};
    }
    return url;
}

Result<std::string> encode_deposit(Usd amount) {
    if (amount <= Usd{}) return invalid("a deposit must be more than nothing");
    return json::serialize(json::object{{"amount", decimal_of_micros(amount.micros)}});
}

Result<DepositTerms> parse_deposit_terms(std::string_view body) {
    const auto object = object_of(body, "deposit");
    if (!object) return object.error();
    const auto months = get_scaled(*object, "timescale", kMicro);
    const auto discount = get_scaled(*object, "discount_rate", kMicro);
    if (!months || !discount || *months < 0 || *months > 1'200 * kMicro || *discount < 0 ||
        *discount > kMicro) {
        return Error{ErrorCode::kCorrupt, "the market's answer holds no terms of a deposit"};
    }
    DepositTerms terms;
    terms.covers = {*months * (kMonthMicros / kMicro)};
    terms.discount_ppm = static_cast<int>(*discount);
    return terms;
}

Result<Deposit> parse_deposit(std::string_view body) {
    const auto object = object_of(body, "deposit");
    if (!object) return object.error();
    const auto refundable = get_scaled(*object, "refundable_deposit", kMicro);
    if (!refundable) {
        return Error{ErrorCode::kCorrupt, "the market's answer holds no deposit"};
    }
    Deposit deposit;
    deposit.refundable = Usd{*refundable};
    deposit.saved = Usd{get_scaled(*object, "total_discount", kMicro).value_or(0)};
    deposit.months = static_cast<int>(
        std::clamp<std::int64_t>(get_scaled(*object, "discount_months", 1).value_or(0), 0, 1'200));
    return deposit;
}

}  // namespace herder::vast
