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
