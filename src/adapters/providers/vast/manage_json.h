#pragma once
// Bodies of the calls that manage machines, and the answers that carry more than a success.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/provider.h"

namespace herder::vast {

// Of PUT /instances/{id}/, and with ids of PUT /instances/.
std::string encode_state(bool running);
std::string encode_states(bool running, const std::vector<ContractId>& contracts);
Result<std::string> encode_label(const std::string& label);
// Of DELETE /instances/.
std::string encode_contracts(const std::vector<ContractId>& contracts);

Result<std::string> encode_log_request(const LogQuery& query);
// Only ls, rm and du work, and only on a stopped machine.
Result<std::string> encode_command(const std::string& command);
// Where the output of either will be. The text there is public to whoever knows the address.
Result<std::string> parse_result_url(std::string_view body);

// A deposit, in dollars, that makes an on-demand rental cheaper.
Result<std::string> encode_deposit(Usd amount);
struct DepositTerms {
    Duration covers;       // how long the deposit binds
    int discount_ppm = 0;  // of the GPU price
    bool operator==(const DepositTerms&) const = default;
};
Result<DepositTerms> parse_deposit_terms(std::string_view body);
struct Deposit {
    Usd refundable;
    Usd saved;
    int months = 0;
    bool operator==(const Deposit&) const = default;
};
Result<Deposit> parse_deposit(std::string_view body);

}  // namespace herder::vast
