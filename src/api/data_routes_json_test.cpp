#include "api/api_fixture.h"
#include "base/gzip_text.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/listing_json.h"
#include "protocol/tree_json.h"

namespace herder::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Response look(ApiRig& rig, const std::string& body) {
    return rig.call(ApiRig::request("POST", "/api/v1/data/listings", {}, body));
}

std::string object_in(const Response& response) {
    const std::size_t at = response.body.find("listings/");
    return response.body.substr(at, response.body.find('"', at) - at);
}

TEST(DataRoutes, WhatABucketHoldsIsStoredUnderItsHash) {
    ApiRig rig;
    const Response made = look(rig, R"({"source":"s3://b/d/","name":"d"})");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_THAT(made.body, HasSubstr(R"("files":2,"size_bytes":7)"));
    const std::string key = object_in(made);
    const auto text = gunzip_text(rig.objects.content[key], 1 << 20);
    ASSERT_TRUE(text);
    EXPECT_EQ(protocol::listing_of_key(key), sha256_hex(*text));
    EXPECT_EQ(*protocol::parse_listing(*text),
              (protocol::Listing{"s3://b/d/", {{"a", 3, "\"e\""}, {"b c", 4, ""}}}));
    EXPECT_EQ(object_in(look(rig, R"({"source":"s3://b/d/"})")), key);
}

TEST(DataRoutes, OneObjectGetsTheNameThatItHasOnTheMachine) {
    ApiRig rig;
    const std::string key = object_in(look(rig, R"({"source":"s3://b/k","name":"weights.bin"})"));
    const auto listing = protocol::parse_listing(*gunzip_text(rig.objects.content[key], 1 << 20));
    ASSERT_TRUE(listing);
    EXPECT_EQ(listing->files, (std::vector<protocol::ListedFile>{{"weights.bin", 3, "\"e\""}}));
}

TEST(DataRoutes, RefusalsSayWhatIsWrong) {
    ApiRig rig;
    EXPECT_EQ(look(rig, "{}").status, 400);
    EXPECT_EQ(look(rig, R"({"source":"s3://b/","name":"../x"})").status, 400);
    EXPECT_EQ(look(rig, R"({"source":"s3://b/","prefix":"x"})").status, 400);
    EXPECT_EQ(look(rig, R"({"source":"gs://b/"})").status, 404);
}

TEST(DataRoutes, ItsMachineIsGivenUrlsOfTheFiles) {
    ApiRig rig;
    const std::string key = object_in(look(rig, R"({"source":"s3://b/d/"})"));
    JobSpec spec = ApiRig::spec("digits");
    spec.inputs = {{.target = "/data", .tree = key}};
    ASSERT_EQ(rig.submit(spec).status, 201);
    const effect::CreateMachine create = rig.rent();
    protocol::JoinRequest wish;
    wish.intent = create.intent.id;
    wish.token = create.join_token;
    const std::string session =
        protocol::parse_join_response(
            rig.agent("POST", protocol::kAgentJoin, "", protocol::to_json(wish)).body)
            ->session_key;
    const auto ask = [&](const std::string& of, std::int64_t from) {
        return rig.agent("POST", protocol::kAgentChunks, session,
                         protocol::to_json(protocol::ChunkWish{of, from, 5}));
    };
    EXPECT_THAT(protocol::parse_sign_response(ask(key, 0).body)->urls,
                ElementsAre("s3://b/d/a?signed", "s3://b/d/b c?signed"));
    EXPECT_THAT(protocol::parse_sign_response(ask(key, 1).body)->urls,
                ElementsAre("s3://b/d/b c?signed"));
    const std::string other = object_in(look(rig, R"({"source":"s3://other/d/"})"));
    EXPECT_EQ(ask(other, 0).status, 403);
}

}  // namespace
}  // namespace herder::api
