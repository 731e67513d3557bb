#include "cli/tree_sender.h"

#include "base/digest.h"
#include "base/gzip_text.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

struct Sender {
    Sender() {
        here.write("a.py", "print(1)\n");
        tree = *make_folder_tree(here.path, *list_folder(here.path, true));
        chunk = tree.tree.chunks.at(0).sha256;
        target = "/trees/" + sha256_hex(tree.document());
    }
    Result<SentTree> send() {
        GlobalOptions options;
        options.server_url = server.url();
        options.data_dir = server.folder();
        Result<ServerLink> link = ServerLink::open(options);
        EXPECT_TRUE(link);
        return send_tree(*link, tree,
                         {[](const std::string&) {},
                          [this](std::int64_t done, std::int64_t total) {
                              sent_text = std::to_string(done) + "/" + std::to_string(total);
                          }});
    }
    TestFolder here;
    FakeServer server;
    FolderTree tree;
    std::string chunk;
    std::string target;
    std::string sent_text;
};

TEST(TreeSender, WhatTheServerHasIsNotSent) {
    Sender sender;
    sender.server.answer("HEAD " + sender.target, "");
    const auto sent = sender.send();
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(sent->key, "trees/" + sender.target.substr(7) + ".json.gz");
    EXPECT_EQ(sent->sent_chunks, 0U);
    EXPECT_EQ(sender.server.seen().size(), 1U);
}

TEST(TreeSender, MissingPiecesGoFirstAndTheListLast) {
    Sender sender;
    sender.server.answer("POST /chunks/missing", R"({"chunks":[")" + sender.chunk + "\"]}");
    sender.server.answer("PUT /chunks/" + sender.chunk, "{}", 201);
    sender.server.answer("PUT " + sender.target, "{}", 201);
    const auto sent = sender.send();
    ASSERT_TRUE(sent) << sent.error().message;
    EXPECT_EQ(sent->sent_chunks, 1U);
    EXPECT_EQ(sender.sent_text, "9/9");
    const std::vector<std::string> wanted = {"HEAD " + sender.target, "POST /chunks/missing",
                                             "PUT /chunks/" + sender.chunk, "PUT " + sender.target};
    EXPECT_EQ(sender.server.seen(), wanted);
    const std::string body = sender.server.last("PUT /chunks/" + sender.chunk).body;
    EXPECT_EQ(gunzip_text(body, 100).value_or(""), "print(1)\n");
    EXPECT_EQ(gunzip_text(sender.server.last("PUT " + sender.target).body, 10'000).value_or(""),
              sender.tree.document());
}

TEST(TreeSender, OnlyTheListTravelsWhereAllPiecesAreThere) {
    Sender sender;
    sender.server.answer("POST /chunks/missing", R"({"chunks":[]})");
    sender.server.answer("PUT " + sender.target, "{}", 201);
    const auto sent = sender.send();
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->sent_chunks, 0U);
    EXPECT_EQ(sender.server.seen().size(), 3U);
}

TEST(TreeSender, ARefusalEndsIt) {
    Sender sender;
    sender.server.answer("POST /chunks/missing", R"({"chunks":[")" + sender.chunk + "\"]}");
    sender.server.refuse("PUT /chunks/" + sender.chunk, 400, "INVALID", "wrong hash");
    EXPECT_EQ(sender.send().error().message, "wrong hash");
}

}  // namespace
}  // namespace herder::cli
