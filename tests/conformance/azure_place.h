#pragma once
// What the tests of the Azure store have in common, whatever server they run against.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "adapters/objects/az/azure_object_store.h"
#include "adapters/objects/az/azure_probe.h"
#include "adapters/system/system_clock.h"

namespace herder::az {

inline std::unique_ptr<AzureClient> open_client(const std::string& location, const std::string& key,
                                                const Clock& clock) {
    ClientSettings settings;
    settings.location = *parse_location(location);
    const auto credentials = find_credentials(
        [&](const std::string& name) -> std::optional<std::string> {
            if (name == "AZURE_STORAGE_KEY") return key;
            return std::nullopt;
        },
        settings.location);
    EXPECT_TRUE(credentials) << credentials.error().message;
    settings.credentials = *credentials;
    settings.tries = 3;
    auto client = AzureClient::open(std::move(settings), clock);
    EXPECT_TRUE(client) << client.error().message;
    return std::move(*client);
}

// As a machine of ours puts something: what a PUT makes is said in a header that others ignore.
inline int put_url(const std::string& url, const std::string& body,
                   std::map<std::string, std::string> headers = {}) {
    headers["x-ms-blob-type"] = "BlockBlob";
    http::Headers all;
    for (const auto& [name, value] : headers)
        all.set(name, value);
    const int status = remote::use_url({"PUT", url, body, all}, {});
    return status == 201 ? 200 : status;  // the suites know "200" for done
}

inline std::string part_mark(int number) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "/%05d?", number);
    return text.data();
}

}  // namespace herder::az
