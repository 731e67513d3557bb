#pragma once
// What the tests of the S3 store have in common, whatever server they run against.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "adapters/http/client.h"
#include "adapters/objects/s3/s3_object_store.h"
#include "adapters/objects/s3/store_probe.h"
#include "adapters/system/system_clock.h"

namespace herder::s3 {

inline ClientSettings settings_for(const std::string& location, const std::string& key,
                                   const std::string& secret, const std::string& token = "") {
    ClientSettings settings;
    settings.location = *parse_location(location);
    settings.credentials = [key, secret, token]() -> Result<Credentials> {
        return Credentials{key, secret, token, {}};
    };
    settings.tries = 3;
    return settings;
}

inline int put_url(const std::string& url, const std::string& body,
                   const std::map<std::string, std::string>& headers = {}) {
    const auto parsed = http::parse_url(url);
    if (!parsed) return 0;
    auto client = http::Client::open(*parsed);
    if (!client) return 0;
    http::Request request;
    request.method = "PUT";
    request.target = parsed->target;
    request.body = body;
    for (const auto& [name, value] : headers)
        request.headers.set(name, value);
    const auto done = (*client)->call(request);
    return done ? done->status : 0;
}

// Nothing is taken for granted: what the store may use is what the probe sees.
inline std::unique_ptr<ObjectStore> open_probed(ClientSettings settings, const Clock& clock) {
    auto client = S3Client::open(std::move(settings), clock);
    if (!client) {
        ADD_FAILURE() << client.error().message;
        return nullptr;
    }
    auto report = probe_store(**client, clock);
    if (!report) {
        ADD_FAILURE() << report.error().message;
        return nullptr;
    }
    return std::make_unique<S3ObjectStore>(std::move(*client), report->abilities, clock);
}

}  // namespace herder::s3
