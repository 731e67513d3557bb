#pragma once
// Makes an object of the parts that a worker has sent. The list of parts is the store's own, never
// the worker's word; what is not complete stays as it is.
#include <string>

#include "core/jobs/agent_messages.h"
#include "ports/object_store.h"

namespace herder {

// The error of a call that only asks. An answer that cannot be read, or that the place itself is
// not there, says nothing about what was uploaded: kUnavailable then, and others as they are.
Error unread(Error error);

// Of one upload alone, whatever else is pending for its key; the file is not empty. The errors are
// those of complete_object; kNotFound also where there is no such upload any more.
Result<bool> complete_upload(MultipartUploads& uploads, const PendingUpload& upload,
                             const CheckpointFile& file);

// The store must take parts. An empty object is simply put. kNotFound: the parts that are listed
// are not all of the file, by their numbers and sizes, or there are none; kCorrupt: they are, but
// their checksums, where the store tells them, are others. True where the checksums were compared.
// The key must be one that is written once: where the upload is gone, the object's size decides.
Result<bool> complete_object(ObjectStore& store, const std::string& key,
                             const CheckpointFile& file);

}  // namespace herder
