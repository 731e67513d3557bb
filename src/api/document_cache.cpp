#include "api/document_cache.h"

#include "base/digest.h"
#include "base/gzip_text.h"

namespace herder::api {

Result<std::string> read_document_of(ObjectStore& objects, const std::string& key,
                                     const std::string& sha256, std::size_t size_max) {
    const Result<std::string> packed = objects.get(key, size_max);
    if (!packed) return packed.error();
    Result<std::string> text = gunzip_text(*packed, size_max);
    if (!text) return text.error().with_context(key);
    if (sha256_hex(*text) != sha256)
        return Error{ErrorCode::kCorrupt, "the stored document " + key + " is damaged"};
    return text;
}

}  // namespace herder::api
