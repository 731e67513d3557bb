#pragma once
// The label that ties a rented machine to its intent: herder1-<cluster4>-<intent>-<mac6>, at most
// 60 characters. The keyed MAC keeps us from adopting or destroying what is not ours.
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace herder {

// Lives beside the database, not in it, so that a lost database orphans nothing.
struct ClusterIdentity {
    std::string name;  // four characters, a-z0-9
    std::string key;   // 32 secret bytes
};

std::string make_label(const ClusterIdentity& cluster, IntentId intent);
// The intent that `label` names if cluster and MAC are ours; nothing for every other text.
std::optional<IntentId> parse_label(const ClusterIdentity& cluster, std::string_view label);

}  // namespace herder
