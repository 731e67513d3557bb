// What a market says of the account: no input may crash a decoder, and no text for people carries a
// line break out of it. The first byte chooses the decoder.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/providers/vast/account_json.h"
#include "adapters/providers/vast/gpu_types_json.h"
#include "adapters/providers/vast/invoices_json.h"
#include "adapters/providers/vast/maintenances_json.h"
#include "adapters/providers/vast/manage_json.h"
#include "adapters/providers/vast/ssh_keys_json.h"
#include "adapters/providers/vast/templates_json.h"
#include "adapters/providers/vast/volumes_json.h"
#include "adapters/providers/vast/webhook_json.h"
#include "base/assert.h"
#include "base/digest.h"

namespace {

using namespace herder;

bool is_line(std::string_view text) {
    return text.find('\n') == std::string_view::npos && text.find('\x1b') == std::string_view::npos;
}

void fuzz_people(std::string_view body) {
    if (const auto user = vast::parse_user(body)) HERDER_ASSERT(is_line(user->name));
    if (const auto names = vast::parse_secret_names(body)) {
        for (const std::string& name : *names)
            HERDER_ASSERT(is_line(name));
    }
}

void fuzz_keys(std::string_view body) {
    if (const auto keys = vast::parse_account_keys(body)) {
        for (const vast::AccountKey& key : *keys) {
            HERDER_ASSERT(is_line(key.name));
            HERDER_ASSERT(key.rights.is_known || key.rights.categories.empty());
            HERDER_ASSERT(vast::find_missing_rights(key.rights).size() <= 5);
        }
    }
    (void)vast::parse_account_key(body);
    if (const auto key = vast::parse_new_key(body)) HERDER_ASSERT(!key->key.empty());
}

void fuzz_ssh_keys(std::string_view body) {
    if (const auto keys = vast::parse_ssh_keys(body)) {
        for (const vast::SshKey& key : *keys)
            HERDER_ASSERT(is_line(key.text));
    }
    (void)vast::parse_added_ssh_key(body);
    if (const auto encoded = vast::encode_ssh_key(std::string(body))) {
        HERDER_ASSERT(encoded->find("AAAA") != std::string::npos);
    }
}

void fuzz_maintenances(std::string_view body) {
    const auto windows = vast::parse_maintenances(body, WallTime{1'795'435'200'000'000});
    if (!windows) return;
    for (const Maintenance& window : *windows)
        HERDER_ASSERT(window.machine > 0 && window.lasts > Duration{});
}

void fuzz_lists(std::string_view body) {
    fuzz_maintenances(body);
    if (const auto volumes = vast::parse_volumes(body)) {
        for (const vast::Volume& volume : *volumes)
            HERDER_ASSERT(volume.size.count >= 0 && is_line(volume.status));
    }
    (void)vast::parse_templates(body);
    (void)vast::parse_gpu_types(body);
}

void fuzz_bills(std::string_view body) {
    (void)vast::parse_invoices(body);
    if (const auto increases = vast::parse_price_increases(body)) {
        for (const vast::PriceIncrease& row : increases->rows)
            HERDER_ASSERT(row.id > 0 && row.contract.value > 0);
    }
}

void fuzz_deposits(std::string_view body) {
    if (const auto terms = vast::parse_deposit_terms(body)) {
        HERDER_ASSERT(terms->covers >= Duration{} && terms->discount_ppm <= 1'000'000);
    }
    (void)vast::parse_deposit(body);
    if (const auto url = vast::parse_result_url(body)) HERDER_ASSERT(url->starts_with("http"));
    (void)vast::encode_command(std::string(body));
}

// Signed as it should be, so that what is behind the signature is reached.
void fuzz_notification(std::string_view body) {
    http::Request request;
    request.body = std::string(body);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string signature = "sha256=";
    for (const char c : hmac_sha256("secret", "1772490000." + request.body)) {
        signature += kDigits[static_cast<unsigned char>(c) >> 4];
        signature += kDigits[static_cast<unsigned char>(c) & 15];
    }
    request.headers = {{"X-Vast-Timestamp", "1772490000"}, {"X-Vast-Signature-256", signature}};
    const WallTime now{1'772'490'000'000'000};
    if (const auto note = vast::read_notification(request, "secret", now)) {
        HERDER_ASSERT(!note->event.empty() && is_line(note->message));
    }
    HERDER_ASSERT(!vast::read_notification(request, "other", now));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 8) {
        case 0:
            fuzz_people(body);
            break;
        case 1:
            fuzz_keys(body);
            break;
        case 2:
            fuzz_ssh_keys(body);
            break;
        case 3:
            fuzz_lists(body);
            break;
        case 4:
            fuzz_bills(body);
            break;
        case 5:
            fuzz_deposits(body);
            break;
        case 6:
            fuzz_notification(body);
            break;
        case 7:
            (void)vast::parse_webhooks(body);
            (void)vast::parse_new_webhook(body);
            (void)vast::parse_notification_types(body);
            break;
    }
    return 0;
}
