#include "adapters/providers/vast/vast_account.h"

#include "adapters/providers/vast/gpu_types_json.h"

namespace herder::vast {

namespace {

constexpr int kInvoicePagesMax = 50;

std::string with_id(const char* path, std::int64_t id, const char* verb = "") {
    return std::string("/api/v0/") + path + "/" + std::to_string(id) + "/" + verb;
}

std::string machine_keys(ContractId contract) {
    return with_id("instances", contract.value, "ssh/");
}

template <class T>
Result<T> decode(const Result<std::string>& body, Result<T> (*parse)(std::string_view)) {
    if (!body) return body.error();
    return parse(*body);
}

Status outcome_of(const Result<std::string>& body) {
    if (!body) return body.error();
    return ok();
}

}  // namespace

VastAccount::VastAccount(Transport transport, const std::string& key, Traffic& traffic)
    : api_(std::move(transport), key, traffic.gate_of(key)) {}

Result<std::unique_ptr<VastAccount>> VastAccount::open(const std::string& url,
                                                       const std::string& key, Traffic& traffic) {
    auto transport = open_transport(url);
    if (!transport) return transport.error();
    return std::make_unique<VastAccount>(std::move(*transport), key, traffic);
}

Result<std::string> VastAccount::read(Route route, const std::string& target) {
    return api_.read({.route = route, .target = target, .timeout = seconds(30)});
}

Result<std::string> VastAccount::write(Route route, const char* method, const std::string& target,
                                       const Result<std::string>& body) {
    if (!body) return body.error();
    return api_.read({.route = route,
                      .method = method,
                      .target = target,
                      .body = *body,
                      .timeout = seconds(30)});
}

Result<UserInfo> VastAccount::user() {
    return decode(read(Route::kAccount, "/api/v0/users/current/"), parse_user);
}

Result<std::vector<AccountKey>> VastAccount::keys() {
    return decode(read(Route::kListApiKeys, "/api/v0/auth/apikeys/"), parse_account_keys);
}

Result<AccountKey> VastAccount::own_key() {
    const auto who = user();
    if (!who) return who.error();
    if (who->key <= 0) return not_found("the market does not say which key this is");
    auto all = keys();
    if (!all) return all.error();
    for (AccountKey& key : *all) {
        if (key.id == who->key) return std::move(key);
    }
    return not_found("key " + std::to_string(who->key) + " is not in the account's list");
}

Result<NewKey> VastAccount::create_key(const std::string& name,
                                       const std::vector<std::string>& categories) {
    return decode(write(Route::kCreateApiKey, "POST", "/api/v0/auth/apikeys/",
                        encode_new_key(name, categories)),
                  parse_new_key);
}

Result<NewKey> VastAccount::create_machine_key(const std::string& name, ContractId contract) {
    return decode(write(Route::kCreateApiKey, "POST", "/api/v0/auth/apikeys/",
                        encode_machine_key(name, contract)),
                  parse_new_key);
}

Status VastAccount::remove_key(std::int64_t id) {
    return outcome_of(
        write(Route::kRemoveApiKey, "DELETE", with_id("auth/apikeys", id), std::string("{}")));
}

Result<std::vector<SshKey>> VastAccount::ssh_keys() {
    const auto body = read(Route::kListSshKeys, "/api/v0/ssh/");
    // "No SSH keys found for the user." comes as 404.
    if (!body && body.error().code == ErrorCode::kNotFound) return std::vector<SshKey>();
    return decode(body, parse_ssh_keys);
}

Result<SshKey> VastAccount::add_ssh_key(const std::string& text) {
    return decode(write(Route::kAddSshKey, "POST", "/api/v0/ssh/", encode_ssh_key(text)),
                  parse_added_ssh_key);
}

Status VastAccount::remove_ssh_key(std::int64_t id) {
    return outcome_of(write(Route::kRemoveSshKey, "DELETE", with_id("ssh", id), std::string("{}")));
}

Status VastAccount::attach_ssh_key(ContractId contract, const std::string& text) {
    return outcome_of(
        write(Route::kAttachMachineKey, "POST", machine_keys(contract), encode_ssh_key(text)));
}

Status VastAccount::detach_ssh_key(ContractId contract, std::int64_t id) {
    return outcome_of(write(Route::kDetachMachineKey, "DELETE",
                            machine_keys(contract) + std::to_string(id) + "/", std::string("{}")));
}

Result<std::vector<std::string>> VastAccount::secret_names() {
    return decode(read(Route::kListSecrets, "/api/v0/secrets/"), parse_secret_names);
}

Result<std::vector<Volume>> VastAccount::volumes() {
    return decode(read(Route::kListVolumes, "/api/v0/volumes/?owner=me&type=all_volume"),
                  parse_volumes);
}

Result<std::vector<Template>> VastAccount::templates() {
    return decode(read(Route::kListTemplates, "/api/v0/template/"), parse_templates);
}

Status VastAccount::create_template(const TemplateDraft& draft) {
    return outcome_of(
        write(Route::kCreateTemplate, "POST", "/api/v0/template/", encode_template(draft)));
}

Status VastAccount::remove_template(std::int64_t id) {
    return outcome_of(
        write(Route::kRemoveTemplate, "DELETE", "/api/v0/template/", encode_template_id(id)));
}

Result<std::vector<Webhook>> VastAccount::webhooks() {
    return decode(read(Route::kListWebhooks, "/api/v0/webhooks/"), parse_webhooks);
}

Result<Webhook> VastAccount::create_webhook(const std::string& name, const std::string& url,
                                            const std::vector<std::string>& events) {
    return decode(write(Route::kCreateWebhook, "POST", "/api/v0/webhooks/",
                        encode_webhook(name, url, events)),
                  parse_new_webhook);
}

Result<Webhook> VastAccount::rotate_webhook_secret(std::int64_t id) {
    return decode(write(Route::kChangeWebhook, "POST", with_id("webhooks", id, "rotate-secret/"),
                        std::string("{}")),
                  parse_new_webhook);
}

Status VastAccount::test_webhook(std::int64_t id) {
    return outcome_of(
        write(Route::kChangeWebhook, "POST", with_id("webhooks", id, "test/"), std::string("{}")));
}

Status VastAccount::remove_webhook(std::int64_t id) {
    return outcome_of(
        write(Route::kChangeWebhook, "DELETE", with_id("webhooks", id), std::string("{}")));
}

Result<std::vector<std::string>> VastAccount::notification_types() {
    return decode(read(Route::kListWebhooks, "/api/v0/notification-types/"),
                  parse_notification_types);
}

Result<std::vector<Invoice>> VastAccount::invoices(std::int64_t from_day, std::int64_t to_day) {
    if (from_day < 0 || to_day < from_day) return invalid("reading invoices: the days are wrong");
    std::vector<Invoice> all;
    std::string token;
    for (int pages = 0; pages < kInvoicePagesMax; ++pages) {
        auto page = decode(read(Route::kInvoices, invoices_target(from_day, to_day, token)),
                           parse_invoices);
        if (!page) return page.error();
        for (Invoice& invoice : page->invoices)
            all.push_back(std::move(invoice));
        token = page->next_token;
        if (token.empty()) return all;
    }
    return unavailable("reading invoices: the pages do not end");
}

Result<PriceIncreases> VastAccount::price_increases() {
    return decode(read(Route::kListPriceIncreases, "/api/v0/instances/pending-price-increases/"),
                  parse_price_increases);
}

Status VastAccount::answer_price_increase(std::int64_t id, bool accept) {
    const char* verb = accept ? "accept" : "reject";
    auto body = write(Route::kAnswerPriceIncrease, "PUT",
                      std::string("/api/v0/instances/") + verb + "-price-increase/",
                      encode_price_increase(id));
    return outcome_of(body);
}

Result<DepositTerms> VastAccount::deposit(ContractId contract, Usd amount) {
    return decode(write(Route::kPrepay, "PUT", with_id("instances/prepay", contract.value),
                        encode_deposit(amount)),
                  parse_deposit_terms);
}

Result<Deposit> VastAccount::read_deposit(ContractId contract) {
    return decode(read(Route::kReadDeposit, with_id("instances/balance", contract.value)),
                  parse_deposit);
}

Result<std::vector<std::string>> VastAccount::gpu_names() {
    return decode(read(Route::kListGpuTypes, "/api/v0/gpu_types/"), parse_gpu_types);
}

}  // namespace herder::vast
