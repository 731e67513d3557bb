#pragma once
// Sends the staged files of one checkpoint to where its grant says: in parts, of all files at once,
// or whole where the store takes no parts.
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/worker/worker_input.h"
#include "worker/checkpoint_staging.h"
#include "worker/part_uploader.h"
#include "worker/server_link.h"

namespace herder {

class CheckpointUpload {
  public:
    struct Parts {
        ServerLink& link;
        const CheckpointStaging& staging;
        std::function<protocol::SyncResponse()> newest;
        const http::CancelToken& stop;
        std::function<void(const std::string& line)> say;  // for the job's log
    };
    explicit CheckpointUpload(Parts parts) : parts_(std::move(parts)) {}

    // `urls` came with the grant; later answers may repeat them, signed anew.
    worker_input::UploadEnded run(const UploadGrant& grant,
                                  const std::vector<CheckpointFile>& files,
                                  std::vector<protocol::SignedObject> urls);
    // Any thread, before the run or while it goes on: it ends as soon as it can, with nothing sent.
    void give_up();

  private:
    bool are_untouched(const UploadGrant& grant, const std::vector<CheckpointFile>& files) const;
    Status send_in_parts(const UploadGrant& grant, const std::vector<CheckpointFile>& files,
                         const protocol::PartRules& rules);
    Status send_whole(const UploadGrant& grant, const std::vector<CheckpointFile>& files,
                      std::vector<protocol::SignedObject>& urls);
    Result<protocol::PartsResponse> find_urls(const UploadGrant& grant,
                                              const std::vector<CheckpointFile>& files,
                                              std::size_t from,
                                              std::vector<protocol::SignedObject>& urls) const;
    using Ask = std::function<Result<protocol::PartsResponse>(std::size_t file, int from)>;
    Status send(const UploadGrant& grant, const std::vector<CheckpointFile>& files, Ask ask);

    const Parts parts_;
    http::CancelToken over_;  // nothing is asked for any more
    std::mutex mutex_;
    bool is_given_up_ = false;  // guarded by mutex_, like the next
    PartUploader* under_way_ = nullptr;
};

}  // namespace herder
