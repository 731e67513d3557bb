#include "provider_key.h"

#include "base/log.h"

namespace herder {

namespace {

std::string joined(const std::vector<std::string>& rights) {
    std::string text;
    for (const std::string& right : rights)
        text += (text.empty() ? "" : ",") + right;
    return text;
}

}  // namespace

ProviderKey::ProviderKey(vast::VastAccount& account, KeyReport found)
    : account_(account), report_(std::move(found)) {}

KeyReport ProviderKey::report() {
    {
        const std::lock_guard lock(mutex_);
        if (report_.is_known) return report_;
    }
    // Not under the lock: it may wait for its turn.
    const Result<vast::AccountKey> found = account_.own_key();
    const std::lock_guard lock(mutex_);
    if (found && found->rights.is_known) {
        report_.is_known = true;
        report_.name = found->name;
        report_.missing = vast::find_missing_rights(found->rights);
        report_.spare = vast::find_spare_rights(found->rights);
    }
    return report_;
}

AccountSetup ProviderKey::setup() {
    AccountSetup setup;
    if (const Result<std::vector<vast::SshKey>> keys = account_.ssh_keys()) {
        setup.ssh_keys.emplace();
        for (const vast::SshKey& key : *keys)
            setup.ssh_keys->push_back(key.text);
    }
    if (const Result<std::vector<vast::Webhook>> hooks = account_.webhooks()) {
        setup.webhook_urls.emplace();
        for (const vast::Webhook& hook : *hooks)
            setup.webhook_urls->push_back(hook.url);
    }
    return setup;
}

void ProviderKey::tell() {
    const KeyReport found = report();
    log_info("provider.key", {{"source", found.source}, {"name", found.name}});
    if (!found.hides.empty()) {
        log_warn("provider.key_hides", {{"source", found.source}, {"hidden", found.hides}});
    }
    if (!found.missing.empty()) {
        log_error("provider.key_lacks", {{"rights", joined(found.missing)}});
    }
    if (!found.spare.empty()) {
        log_warn("provider.key_is_wider", {{"rights", joined(found.spare)}});
    }
}

}  // namespace herder
