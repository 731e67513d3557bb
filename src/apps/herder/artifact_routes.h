#pragma once
// Answers the signed URLs of the file store: PUT and GET of one object, nothing else.
#include "adapters/objects/file/file_object_store.h"
#include "api/exchange.h"
#include "ports/clock.h"

namespace herder {

bool is_artifact_path(const std::string& path);
void handle_artifact(FileObjectStore& store, const Clock& clock, api::Request request,
                     const api::ExchangePtr& exchange);

}  // namespace herder
