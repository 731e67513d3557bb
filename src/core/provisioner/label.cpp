#include "core/provisioner/label.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace herder {

namespace {

constexpr std::string_view kPrefix = "herder1-";
constexpr std::size_t kClusterLength = 4;
constexpr std::size_t kMacLength = 6;  // base32 digits: 30 bits
// The provider's limit for labels that we hold ourselves to (architecture section 5).
constexpr std::size_t kLabelLimit = 60;

}  // namespace

std::string make_label(const ClusterIdentity& cluster, IntentId intent) {
    HERDER_ASSERT(cluster.name.size() == kClusterLength);
    HERDER_ASSERT(!cluster.key.empty());
    const std::string body = std::string(kPrefix) + cluster.name + "-" + to_text(intent);
    const std::string mac = to_base32(hmac_sha256(cluster.key, body)).substr(0, kMacLength);
    std::string label = body + "-" + mac;
    HERDER_ASSERT(label.size() <= kLabelLimit);
    return label;
}

std::optional<IntentId> parse_label(const ClusterIdentity& cluster, std::string_view label) {
    const std::size_t intent_at = kPrefix.size() + kClusterLength + 1;
    if (label.size() > kLabelLimit || label.size() < intent_at + 1 + kMacLength) return {};
    const std::size_t dash = label.size() - kMacLength - 1;
    if (!label.starts_with(kPrefix) || label[dash] != '-' || dash <= intent_at) return {};
    const std::string text(label.substr(intent_at, dash - intent_at));
    const auto intent = parse_id<IntentTag>(text);
    if (!intent) return {};
    // Making the label again checks everything at once: cluster, MAC, and that there is no second
    // spelling (leading zeros, a missing letter) of the same intent.
    if (!equal_secret(make_label(cluster, *intent), label)) return {};
    return *intent;
}

}  // namespace herder
