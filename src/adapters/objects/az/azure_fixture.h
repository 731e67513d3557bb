#pragma once
// A client of a storage account at a scripted server.
#include <memory>
#include <string>
#include <vector>

#include "adapters/objects/az/azure_client.h"
#include "adapters/objects/remote/scripted_server_fixture.h"

namespace herder::az {

using remote::answer;

// As Azure refuses: its word is in a header, so that HEAD has it as well.
inline http::Response refusal(int status, const std::string& code) {
    return answer(status, "<Error><Code>" + code + "</Code></Error>", {{"x-ms-error-code", code}});
}

struct AzureFixture : ::testing::Test {
    remote::ScriptedServer server;
    remote::FixedClock clock;
    std::vector<Duration> waits;
    http::CancelToken cancel;

    std::unique_ptr<AzureClient> open(const Credentials& credentials = {"account1", "key", "",
                                                                        ""}) {
        ClientSettings settings;
        settings.location = *parse_location("az://account1/box/pre?endpoint=" + server.url());
        settings.credentials = credentials;
        settings.wait = [this](Duration d) { waits.push_back(d); };
        settings.tries = 3;
        settings.cancel = &cancel;
        auto client = AzureClient::open(std::move(settings), clock);
        EXPECT_TRUE(client) << client.error().message;
        return client ? std::move(*client) : nullptr;
    }
    std::string asked(std::size_t index, const char* header) const {
        return std::string(server.asked().at(index).headers.get(header).value_or(""));
    }
};

}  // namespace herder::az
