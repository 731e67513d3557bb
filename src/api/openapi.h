#pragma once
// The description of the API, openapi.yaml of this folder, as the JSON text that the server sends.
#include <string>

namespace herder::api {

// Made by the build (scripts/embed_openapi.py).
const std::string& openapi_document();

}  // namespace herder::api
