#pragma once
// Fetches one file from somewhere on the internet: follows redirects, verifies its hash, checks
// that the disk is large enough, and replaces the target only when all of it is right.
#include <functional>
#include <string>

#include "adapters/http/client.h"
#include "base/result.h"

namespace herder {

struct UrlWish {
    std::string url;  // https, or http where sha256 is given
    std::string path;
    std::string sha256{};                       // empty: whatever comes
    std::string name{};                         // for people
    const http::CancelToken* cancel = nullptr;  // outlives the call
    std::string pin{};  // of the first server's key; empty: the system's roots
    std::function<void(const std::string& line)> say{};
};

// One attempt. kNotFound and kInvalid: no other machine will fare better. kNoCapacity: the disk.
Status fetch_url(const UrlWish& wish);

// Of a file, in hex; kNotFound where there is none.
Result<std::string> hash_of_file(const std::string& path);

}  // namespace herder
