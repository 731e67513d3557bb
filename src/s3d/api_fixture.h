#pragma once
// For the tests of the operations: an api on a vault in memory, with small parts and short pages.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "s3d/api.h"

namespace herder::s3d {

class TextSource : public BodySource {
  public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    Result<std::size_t> read(char* out, std::size_t size) override {
        const std::size_t count = std::min(size, text_.size() - at_);
        std::copy_n(text_.data() + at_, count, out);
        at_ += count;
        return count;
    }

  private:
    std::string text_;
    std::size_t at_ = 0;
};

struct ApiFixture : ::testing::Test {
    static Quirks quirks_of() {
        Quirks quirks;
        quirks.part_size_min = 3;
        return quirks;
    }
    Quirks quirks = quirks_of();
    ServerClock clock;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<Api> api;

    void SetUp() override { open(); }
    void open() {
        vault = std::make_unique<Vault>(Keeping::kMemory, "", quirks);
        vault->create_bucket("b");
        api = std::make_unique<Api>(*vault, clock, Api::Options{.page_size = 2});
    }
    // `line`: "PUT /b/key?x=y"; `headers`: lines that end with "\r\n".
    Reply call(const std::string& line, const std::string& body = "",
               const std::string& headers = "") {
        std::string head = line + " HTTP/1.1\r\nHost: here";
        if (!headers.empty()) head += "\r\n" + headers;
        const auto request = parse_head(head);
        EXPECT_TRUE(request) << request.error().message;
        Verified verified;
        TextSource source(body);
        Call one{*request, verified, source, "", "", ""};
        locate(*request, "", one.bucket, one.key);
        one.operation = operation_of(*request, one.bucket, one.key);
        auto reply = api->handle(one);
        EXPECT_TRUE(reply) << reply.error().message;
        return reply ? std::move(*reply) : Reply{};
    }
    static std::string header(const Reply& reply, const std::string& name) {
        for (const auto& [key, value] : reply.headers) {
            if (key == name) return value;
        }
        return "";
    }
    static std::string content(const Reply& reply) {
        if (!reply.content) return reply.body;
        std::string out(reply.length, '\0');
        EXPECT_TRUE(reply.content->read(reply.first, out.data(), out.size()));
        return out;
    }
    // The text of the first element of that name.
    static std::string element(const Reply& reply, const std::string& name) {
        const std::size_t from = reply.body.find("<" + name + ">");
        if (from == std::string::npos) return "";
        const std::size_t begin = from + name.size() + 2;
        return reply.body.substr(begin, reply.body.find('<', begin) - begin);
    }
};

}  // namespace herder::s3d
