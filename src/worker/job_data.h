#pragma once
// Everything of a job that has to be on the machine before its setup: the work folder and the
// inputs, each from where its spec says, verified.
#include <functional>
#include <string>

#include "adapters/http/cancel.h"
#include "core/jobs/spec.h"
#include "worker/data_cache.h"
#include "worker/job_environment.h"
#include "worker/server_link.h"

namespace herder {

class JobData {
  public:
    using Say = std::function<void(const std::string& line)>;
    struct Wish {
        const JobSpec& spec;
        const protocol::SyncResponse& gifts;  // with the signed URLs
        const http::CancelToken& cancel;
        const std::string& home;     // for what is only passing through
        DataCache* cache = nullptr;  // null: none
    };
    JobData(ServerLink& link, const JobFolders& folders, Say say)
        : link_(link), folders_(folders), say_(std::move(say)) {}

    // kNotFound and kInvalid: no other machine will fare better. kNoCapacity: the disk is too
    // small. An archive as work folder is not its business.
    Status fetch(const Wish& wish);

  private:
    Status fetch_input(const Wish& wish, std::size_t index);
    Status fetch_one_file(const Wish& wish, std::size_t index, const std::string& path);
    Status bring_one_file(const Wish& wish, std::size_t index, const std::string& path);
    Status fetch_object(const Wish& wish, std::size_t index, const std::string& path);
    std::string target_of(const DataInput& input) const;

    ServerLink& link_;
    const JobFolders& folders_;
    Say say_;
};

}  // namespace herder
