#pragma once
// Sends the staged files of one checkpoint to where its grant says: in parts, of all files at once,
// or whole where the store takes no parts.
#include <functional>
#include <string>
#include <vector>

#include "core/worker/worker_input.h"
#include "worker/checkpoint_staging.h"
#include "worker/server_link.h"

namespace herder {

class CheckpointUpload {
  public:
    struct Parts {
        ServerLink& link;
        const CheckpointStaging& staging;
        std::function<protocol::SyncResponse()> newest;
        const http::CancelToken& stop;
    };
    explicit CheckpointUpload(const Parts& parts) : parts_(parts) {}

    // `urls` came with the grant; later answers may repeat them, signed anew.
    worker_input::UploadEnded run(const UploadGrant& grant,
                                  const std::vector<CheckpointFile>& files,
                                  std::vector<protocol::SignedObject> urls);

  private:
    bool are_untouched(const UploadGrant& grant, const std::vector<CheckpointFile>& files) const;
    Status send_in_parts(const UploadGrant& grant, const std::vector<CheckpointFile>& files,
                         const protocol::PartRules& rules);
    Result<protocol::PartsResponse> ask(const UploadGrant& grant, const BlockSums& sums,
                                        const protocol::PartRules& rules,
                                        protocol::PartsRequest wish);
    Status send_whole(const UploadGrant& grant, const std::vector<CheckpointFile>& files,
                      std::vector<protocol::SignedObject>& urls);
    Status send_object(const UploadGrant& grant, std::size_t index, const std::string& path,
                       std::vector<protocol::SignedObject>& urls);

    const Parts parts_;
};

}  // namespace herder
