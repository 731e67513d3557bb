#include "cli/job_inputs.h"

#include "base/digest.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

using Kind = config::DataSource::Kind;

struct Desk {
    Desk() { request.spec.any_of.emplace_back(); }  // a disk of 10 GB
    Status send() {
        GlobalOptions options;
        options.server_url = server.url();
        options.data_dir = server.folder();
        Result<ServerLink> link = ServerLink::open(options);
        EXPECT_TRUE(link);
        return JobInputs(*link, [this](const std::string& line) { said += line + "\n"; })
            .send(request);
    }
    // The server has every tree.
    std::string has(const FolderTree& tree) {
        const std::string hash = sha256_hex(tree.document());
        server.answer("HEAD /trees/" + hash, "");
        return "trees/" + hash + ".json.gz";
    }
    TestFolder here;
    FakeServer server;
    LaunchRequest request;
    std::string said;
};

TEST(JobInputs, DataInABucketIsLookedUpByTheServer) {
    Desk desk;
    const std::string key = "listings/" + std::string(64, 'a') + ".json.gz";
    desk.server.answer("POST /data/listings",
                       R"({"object":")" + key + R"(","files":2,"size_bytes":7000})");
    const std::string folder = "s3://b/d/?endpoint=http://127.0.0.1:1";
    desk.request.data = {{Kind::kBucket, "/data", folder},
                         {Kind::kBucket, "models/base.bin", "s3://b/base.bin"}};
    const Status sent = desk.send();
    ASSERT_TRUE(sent) << sent.error().message;
    ASSERT_EQ(desk.request.spec.inputs.size(), 2U);
    EXPECT_EQ(
        desk.request.spec.inputs[0],
        (DataInput{.target = "/data", .source = "s3://b/d/", .tree = key, .size = Bytes{7000}}));
    EXPECT_EQ(desk.request.spec.inputs[1].target, "models");
    EXPECT_NE(desk.said.find("s3://b/d/: 2 files, 7.0 kB; the machine fetches them"),
              std::string::npos)
        << desk.said;
}

TEST(JobInputs, FoldersAndFilesBecomeTrees) {
    Desk desk;
    desk.here.write("work/train.py", "x");
    desk.here.write("set/.gitignore", "*\n");  // data is often ignored for git's sake
    desk.here.write("set/a.bin", "12345");
    desk.here.write("words.txt", "one");
    const std::string& path = desk.here.path;
    desk.request.workdir = path + "/work";
    desk.request.data = {{Kind::kLocal, "/data", path + "/set"},
                         {Kind::kLocal, "/etc/vocab.txt", path + "/words.txt"},
                         {Kind::kLocal, "vocab.txt", path + "/words.txt"}};
    const auto work = make_folder_tree(path + "/work", *list_folder(path + "/work", true));
    const auto set = make_folder_tree(path + "/set", *list_folder(path + "/set", false));
    const auto file = make_file_tree(path + "/words.txt", "vocab.txt");
    const std::string work_key = desk.has(*work);
    const std::string set_key = desk.has(*set);
    const std::string file_key = desk.has(*file);
    const Status sent = desk.send();
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(desk.request.spec.workdir_object, work_key);
    ASSERT_EQ(desk.request.spec.inputs.size(), 3U);
    EXPECT_EQ(desk.request.spec.inputs[0].tree, set_key);
    EXPECT_EQ(desk.request.spec.inputs[0].size, Bytes{7});
    EXPECT_EQ(desk.request.spec.inputs[1].tree, file_key);
    EXPECT_EQ(desk.request.spec.inputs[1].target, "/etc");
    EXPECT_EQ(desk.request.spec.inputs[2].target, ".");
    EXPECT_NE(desk.said.find("the work folder: 1 file, 1 B; the server has all of it already"),
              std::string::npos)
        << desk.said;
}

TEST(JobInputs, AUrlIsShownWithoutWhatIsSignedIntoIt) {
    Desk desk;
    desk.request.data = {{Kind::kUrl, "/w.bin", "https://x.org/w.bin?signature=secret"}};
    ASSERT_TRUE(desk.send());
    const DataInput& input = desk.request.spec.inputs.at(0);
    EXPECT_EQ(input.url, "https://x.org/w.bin?signature=secret");
    EXPECT_EQ(input.source, "https://x.org/w.bin");
    EXPECT_TRUE(desk.server.seen().empty());
}

TEST(JobInputs, OutputsOfAnotherJobComeWithTheirHashes) {
    Desk desk;
    desk.server.answer("GET /jobs/first", R"({"id":"j12","name":"first"})");
    desk.server.answer("GET /jobs/j12/outputs",
                       R"({"items":[{"path":"adapter/a.bin","size_bytes":5,"sha256":"aa"},)"
                       R"({"path":"adapter/b.bin","size_bytes":6,"sha256":null},)"
                       R"({"path":"log.txt","size_bytes":7,"sha256":"cc"}],"next_cursor":null})");
    desk.request.data = {{Kind::kOutput, "model", "herder://first/adapter/"},
                         {Kind::kOutput, "/log.txt", "herder://first/log.txt"}};
    const Status sent = desk.send();
    ASSERT_TRUE(sent) << sent.error().message;
    const auto& inputs = desk.request.spec.inputs;
    ASSERT_EQ(inputs.size(), 3U);
    EXPECT_EQ(inputs[0].target, "model/a.bin");
    EXPECT_EQ(inputs[0].object, "j12/adapter/a.bin");
    EXPECT_EQ(inputs[0].sha256, "aa");
    EXPECT_EQ(inputs[1].sha256, "");
    EXPECT_EQ(inputs[2].target, "/log.txt");
    desk.request.data = {{Kind::kOutput, "x", "herder://first/none"}};
    EXPECT_EQ(desk.send().error().code, ErrorCode::kNotFound);
}

TEST(JobInputs, ADiskThatIsTooSmallIsToldBeforeAnythingIsSent) {
    Desk desk;
    desk.here.write("set/a.bin", std::string(2000, 'x'));
    desk.request.spec.any_of.emplace_back().disk = Bytes{1000};
    desk.request.data = {{Kind::kLocal, "/data", desk.here.path + "/set"}};
    const Status sent = desk.send();
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ErrorCode::kInvalid);
    EXPECT_NE(sent.error().message.find("resources: {disk: ...}"), std::string::npos);
    EXPECT_TRUE(desk.server.seen().empty());
}

TEST(JobInputs, WhatIsNotThereIsNamed) {
    Desk desk;
    desk.request.data = {{Kind::kLocal, "/data", desk.here.path + "/none"}};
    EXPECT_EQ(desk.send().error().code, ErrorCode::kNotFound);
    desk.request.data.clear();
    desk.request.workdir = desk.here.path + "/none";
    EXPECT_EQ(desk.send().error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace herder::cli
