#pragma once
// The secrets and names of one orchestrator, in files of its data folder that only its owner may
// read. They stand beside the database: a lost database orphans no machine.
#include <string>

#include "adapters/http/certificate.h"
#include "adapters/system/system_entropy.h"
#include "base/result.h"
#include "core/provisioner/label.h"

namespace herder {

struct Identity {
    ClusterIdentity cluster;
    std::string api_token;       // herder_pat_...
    std::string storage_secret;  // of signed URLs
    http::Certificate certificate;
    std::string pin;  // SHA-256 of its public key
};

// Reads what is there and makes what is missing. `folder` exists. `cluster_name`: the four
// characters for the labels of a folder that has none yet; empty: drawn. kConflict where the folder
// has others: its machines carry them.
Result<Identity> load_or_make_identity(const std::string& folder, const std::string& cluster_name,
                                       SystemEntropy& entropy);
// Only what tells which labels are ours; makes nothing. kNotFound where no server ever ran.
Result<ClusterIdentity> load_cluster(const std::string& folder);

}  // namespace herder
