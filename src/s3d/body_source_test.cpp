#include "s3d/body_source.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/digest.h"

namespace herder::s3d {
namespace {

class TextInput : public Input {
  public:
    explicit TextInput(std::string text) : text_(std::move(text)) {}
    Result<std::size_t> read_some(char* out, std::size_t size) override {
        if (at_ == text_.size()) return unavailable("the peer is gone");
        // Small pieces, so that every boundary is met.
        const std::size_t count = std::min({size, text_.size() - at_, std::size_t{7}});
        std::copy_n(text_.data() + at_, count, out);
        at_ += count;
        return count;
    }
    Result<std::size_t> skip_some(std::size_t size) override {
        std::string unused(size, '\0');
        return read_some(unused.data(), size);
    }
    Result<std::string> read_line() override {
        const std::size_t end = text_.find("\r\n", at_);
        if (end == std::string::npos) return unavailable("the peer is gone");
        std::string line = text_.substr(at_, end - at_);
        at_ = end + 2;
        return line;
    }

  private:
    std::string text_;
    std::size_t at_ = 0;
};

Result<std::string> read_all(BodySource& source) {
    std::string out;
    char piece[100];
    while (true) {
        const auto got = source.read(piece, sizeof piece);
        if (!got) return got.error();
        if (*got == 0) return out;
        out.append(piece, *got);
    }
}

TEST(BodySource, ReadsByLengthAndInChunks) {
    TextInput plain("hello world, and more");
    EXPECT_EQ(*read_all(*make_length_source(plain, 11)), "hello world");
    TextInput chunked("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\na: b\r\n\r\n");
    EXPECT_EQ(*read_all(*make_http_chunk_source(chunked)), "hello world");
    TextInput broken("5\r\nhelloX\r\n");
    EXPECT_FALSE(read_all(*make_http_chunk_source(broken)));
    TextInput cut("5\r\nhel");
    EXPECT_FALSE(read_all(*make_http_chunk_source(cut)));
}

Verified signed_with(Payload payload) {
    Verified verified;
    verified.payload = payload;
    verified.signing_key = "key";
    verified.date = "20130524T000000Z";
    verified.scope = "20130524/us-east-1/s3/aws4_request";
    verified.seed_signature = "seed";
    return verified;
}

std::string signed_body(const Verified& verified, const std::string& trailer) {
    const std::string one = chunk_signature(verified, "seed", sha256_hex("hello"));
    const std::string two = chunk_signature(verified, one, sha256_hex(""));
    std::string out = "5;chunk-signature=" + one + "\r\nhello\r\n0;chunk-signature=" + two + "\r\n";
    if (trailer.empty()) return out + "\r\n";
    return out + trailer +
           "\r\nx-amz-trailer-signature:" + trailer_signature(verified, two, trailer + "\n") +
           "\r\n\r\n";
}

Result<std::string> decode(const Verified& verified, const std::string& body, std::uint64_t length,
                           std::map<std::string, std::string>* trailers) {
    TextInput input(body);
    const auto raw = make_length_source(input, body.size());
    const auto source = make_aws_chunk_source(*raw, verified, length);
    auto out = read_all(*source);
    if (trailers != nullptr) *trailers = source->trailers;
    return out;
}

TEST(AwsChunks, SignedChunksAndTrailerAreVerified) {
    const Verified plain = signed_with(Payload::kSignedChunks);
    EXPECT_EQ(*decode(plain, signed_body(plain, ""), 5, nullptr), "hello");
    std::string changed = signed_body(plain, "");
    changed.replace(changed.find("hello"), 5, "jello");
    EXPECT_EQ(decode(plain, changed, 5, nullptr).error().code, ErrorCode::kForbidden);
    EXPECT_EQ(decode(plain, signed_body(plain, ""), 6, nullptr).error().code, ErrorCode::kInvalid);

    const Verified with_trailer = signed_with(Payload::kSignedTrailer);
    const std::string body = signed_body(with_trailer, "x-amz-checksum-crc32c:sOO8/Q==");
    std::map<std::string, std::string> trailers;
    EXPECT_EQ(*decode(with_trailer, body, 5, &trailers), "hello");
    EXPECT_EQ(trailers["x-amz-checksum-crc32c"], "sOO8/Q==");
    std::string forged = body;
    forged.replace(forged.find("sOO8"), 4, "AAAA");
    EXPECT_EQ(decode(with_trailer, forged, 5, nullptr).error().code, ErrorCode::kForbidden);
}

TEST(AwsChunks, UnsignedTrailerNeedsNoSignatures) {
    const Verified verified = signed_with(Payload::kUnsignedTrailer);
    std::map<std::string, std::string> trailers;
    EXPECT_EQ(
        *decode(verified, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", 5, &trailers),
        "hello");
    EXPECT_EQ(trailers["x-amz-checksum-crc32"], "NhCmhg==");
    EXPECT_FALSE(decode(verified, "5\r\nhel", 5, nullptr));
}

}  // namespace
}  // namespace herder::s3d
