#pragma once
// Makes an object of the parts that a worker has sent. The list of parts is the store's own, never
// the worker's word; what is not complete stays as it is.
#include <string>

#include "core/jobs/agent_messages.h"
#include "ports/object_store.h"

namespace herder {

// The store must take parts. An empty object is simply put. kCorrupt: the parts do not make up the
// file, by their sizes and, where the store has verified them, their checksums; kNotFound: nothing
// was sent. True where the checksums were compared.
Result<bool> complete_object(ObjectStore& store, const std::string& key,
                             const CheckpointFile& file);

}  // namespace herder
