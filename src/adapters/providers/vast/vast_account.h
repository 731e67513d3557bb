#pragma once
// What Vast.ai's account offers beside machines: keys, templates, volumes, webhooks, bills. For
// people's commands (doctor, init, panic); the orchestrator itself needs only the Provider port.
// Blocking; thread-safe.
#include <string>
#include <vector>

#include "adapters/providers/vast/account_json.h"
#include "adapters/providers/vast/api.h"
#include "adapters/providers/vast/invoices_json.h"
#include "adapters/providers/vast/manage_json.h"
#include "adapters/providers/vast/ssh_keys_json.h"
#include "adapters/providers/vast/templates_json.h"
#include "adapters/providers/vast/volumes_json.h"
#include "adapters/providers/vast/webhook_json.h"

namespace herder::vast {

class VastAccount {
  public:
    // `traffic` must outlive this.
    VastAccount(Transport transport, const std::string& key, Traffic& traffic);
    static Result<std::unique_ptr<VastAccount>> open(const std::string& url, const std::string& key,
                                                     Traffic& traffic);

    Result<UserInfo> user();

    Result<std::vector<AccountKey>> keys();
    // The key that asks, with what it may do. kNotFound where the market does not tell which it is.
    Result<AccountKey> own_key();
    // Needs a key with user_write, as all below that change the account.
    Result<NewKey> create_key(const std::string& name, const std::vector<std::string>& categories);
    Result<NewKey> create_machine_key(const std::string& name, ContractId contract);
    Status remove_key(std::int64_t id);

    Result<std::vector<SshKey>> ssh_keys();
    Result<SshKey> add_ssh_key(const std::string& text);
    Status remove_ssh_key(std::int64_t id);
    // To a machine that exists: whether a new account key reaches it is not documented.
    Status attach_ssh_key(ContractId contract, const std::string& text);
    Status detach_ssh_key(ContractId contract, std::int64_t id);

    Result<std::vector<std::string>> secret_names();
    Result<std::vector<Volume>> volumes();

    Result<std::vector<Template>> templates();
    Status create_template(const TemplateDraft& draft);
    Status remove_template(std::int64_t id);

    Result<std::vector<Webhook>> webhooks();
    Result<Webhook> create_webhook(const std::string& name, const std::string& url,
                                   const std::vector<std::string>& events);
    Result<Webhook> rotate_webhook_secret(std::int64_t id);
    Status test_webhook(std::int64_t id);
    Status remove_webhook(std::int64_t id);
    Result<std::vector<std::string>> notification_types();

    Result<std::vector<Invoice>> invoices(std::int64_t from_day, std::int64_t to_day);
    Result<PriceIncreases> price_increases();
    // kNotFound: the offer has lapsed.
    Status answer_price_increase(std::int64_t id, bool accept);

    // Costs money at once: `amount` leaves the credit and makes the on-demand rental cheaper.
    Result<DepositTerms> deposit(ContractId contract, Usd amount);
    Result<Deposit> read_deposit(ContractId contract);

    // Canonical names of all cards that the market knows today.
    Result<std::vector<std::string>> gpu_names();

  private:
    Result<std::string> read(Route route, const std::string& target);
    Result<std::string> write(Route route, const char* method, const std::string& target,
                              const Result<std::string>& body);

    Api api_;
};

}  // namespace herder::vast
