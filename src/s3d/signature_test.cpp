// The worked examples that AWS publishes beside its specification ("Examples: Signature
// Calculations", "Authenticating Requests: Using Query Parameters", "Signature Calculations for the
// Authorization Header: Transferring Payload in Multiple Chunks" and "... Including Trailing
// Headers", read November 2026). The client has the same in its own test.
#include "s3d/signature.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "s3d/clock.h"

namespace herder::s3d {
namespace {

const Keys kKeys{{"AKIAIOSFODNN7EXAMPLE", {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""}}};
const std::string kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const std::string kCredential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";

Verdict verify(const std::string& head, const std::string& now = "20130524T000000Z",
               const Keys& keys = kKeys) {
    const auto request = parse_head(head);
    EXPECT_TRUE(request) << request.error().message;
    return verify_signature(*request, keys, *parse_amz_date(now), {});
}

std::string with_authorization(const std::string& line_and_headers, const std::string& names,
                               const std::string& signature) {
    return line_and_headers + "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" + kCredential +
           ",SignedHeaders=" + names + ",Signature=" + signature;
}

std::string get_object(const std::string& signature =
                           "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41") {
    return with_authorization(
        "GET /test.txt HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nRange: bytes=0-9\r\n"
        "x-amz-content-sha256: " +
            kEmptyHash + "\r\nx-amz-date: 20130524T000000Z",
        "host;range;x-amz-content-sha256;x-amz-date", signature);
}

std::string code_of(const Verdict& verdict) {
    return verdict.fault ? verdict.fault->code : "(accepted)";
}

TEST(Signature, AcceptsThePublishedHeaderExamples) {
    EXPECT_EQ(code_of(verify(get_object())), "(accepted)");
    EXPECT_EQ(code_of(verify(with_authorization(
                  "PUT /test$file.text HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\n"
                  "Date: Fri, 24 May 2013 00:00:00 GMT\r\nx-amz-date: 20130524T000000Z\r\n"
                  "x-amz-storage-class: REDUCED_REDUNDANCY\r\nx-amz-content-sha256: "
                  "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                  "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                  "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"))),
              "(accepted)");
    const std::string empty_get =
        "HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nx-amz-date: 20130524T000000Z\r\n"
        "x-amz-content-sha256: " +
        kEmptyHash;
    EXPECT_EQ(code_of(verify(with_authorization(
                  "GET /?lifecycle " + empty_get, "host;x-amz-content-sha256;x-amz-date",
                  "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"))),
              "(accepted)");
    EXPECT_EQ(code_of(verify(with_authorization(
                  "GET /?max-keys=2&prefix=J " + empty_get, "host;x-amz-content-sha256;x-amz-date",
                  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"))),
              "(accepted)");
}

std::string presigned(const std::string& signature =
                          "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
                      const std::string& path = "/test.txt", const std::string& expires = "86400") {
    return "GET " + path +
           "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
           "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=" +
           expires + "&X-Amz-SignedHeaders=host&X-Amz-Signature=" + signature +
           " HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com";
}

TEST(Signature, AcceptsThePublishedPresignedExampleUntilItExpires) {
    EXPECT_EQ(code_of(verify(presigned())), "(accepted)");
    EXPECT_EQ(code_of(verify(presigned(), "20130524T235959Z")), "(accepted)");
    EXPECT_EQ(verify(presigned(), "20130525T000001Z").fault->message, "Request has expired");
    EXPECT_EQ(verify(presigned(), "20130523T230000Z").fault->message, "Request is not valid yet");
}

TEST(Signature, RefusesWhatWasChanged) {
    EXPECT_EQ(code_of(verify(get_object(std::string(64, '0')))), "SignatureDoesNotMatch");
    EXPECT_EQ(code_of(verify(presigned(std::string(64, '0')))), "SignatureDoesNotMatch");
    const std::string right = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    EXPECT_EQ(code_of(verify(presigned(right, "/other.txt"))), "SignatureDoesNotMatch");
    EXPECT_EQ(code_of(verify(presigned(right, "/test.txt", "86401"))), "SignatureDoesNotMatch");
    EXPECT_EQ(code_of(verify(presigned(right, "/test.txt", "604801"))),
              "AuthorizationQueryParametersError");
}

TEST(Signature, RefusesUnsignedHeadersOfItsOwnPrefix) {
    EXPECT_EQ(code_of(verify(presigned() + "\r\nx-amz-meta-a: b")), "AccessDenied");
    EXPECT_EQ(code_of(verify(presigned() + "\r\nRange: bytes=0-1")), "(accepted)");
}

TEST(Signature, NamesWhatIsWrongWithKeyTokenRegionAndClock) {
    EXPECT_EQ(code_of(verify(get_object(), "20130524T001501Z")), "RequestTimeTooSkewed");
    EXPECT_EQ(code_of(verify(get_object(), "20130524T000000Z", {})), "InvalidAccessKeyId");
    Keys with_token = kKeys;
    with_token.begin()->second.token = "t";
    EXPECT_EQ(code_of(verify(get_object(), "20130524T000000Z", with_token)), "InvalidToken");
    const auto request = parse_head(get_object());
    const Verdict elsewhere = verify_signature(*request, kKeys, *parse_amz_date("20130524T000000Z"),
                                               {.region = "eu-west-1"});
    ASSERT_TRUE(elsewhere.fault);
    EXPECT_EQ(elsewhere.fault->region, "eu-west-1");
    EXPECT_EQ(code_of(verify("GET / HTTP/1.1\r\nHost: a")), "AccessDenied");
}

// 64 KiB and 1 KiB of the letter a, then the empty chunk.
TEST(Signature, FollowsThePublishedChainOfChunks) {
    const Verdict verdict = verify(with_authorization(
        "PUT /examplebucket/chunkObject.txt HTTP/1.1\r\nHost: s3.amazonaws.com\r\n"
        "x-amz-date: 20130524T000000Z\r\nx-amz-storage-class: REDUCED_REDUNDANCY\r\n"
        "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\nContent-Encoding: "
        "aws-chunked\r\n"
        "x-amz-decoded-content-length: 66560\r\nContent-Length: 66824",
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
        "x-amz-decoded-content-length;x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"));
    ASSERT_TRUE(verdict.verified) << verdict.fault->message;
    EXPECT_EQ(verdict.verified->payload, Payload::kSignedChunks);
    const std::string first = chunk_signature(*verdict.verified, verdict.verified->seed_signature,
                                              sha256_hex(std::string(65536, 'a')));
    EXPECT_EQ(first, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    const std::string second =
        chunk_signature(*verdict.verified, first, sha256_hex(std::string(1024, 'a')));
    EXPECT_EQ(second, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    EXPECT_EQ(chunk_signature(*verdict.verified, second, sha256_hex("")),
              "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

TEST(Signature, FollowsThePublishedTrailer) {
    const Verdict verdict = verify(with_authorization(
        "PUT /examplebucket/chunkObject.txt HTTP/1.1\r\nHost: s3.amazonaws.com\r\n"
        "x-amz-date: 20130524T000000Z\r\nx-amz-storage-class: REDUCED_REDUNDANCY\r\n"
        "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\r\n"
        "Content-Encoding: aws-chunked\r\nx-amz-decoded-content-length: 66560\r\n"
        "x-amz-trailer: x-amz-checksum-crc32c",
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
        "x-amz-storage-class;x-amz-trailer",
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"));
    ASSERT_TRUE(verdict.verified) << verdict.fault->message;
    const std::string first = chunk_signature(*verdict.verified, verdict.verified->seed_signature,
                                              sha256_hex(std::string(65536, 'a')));
    EXPECT_EQ(first, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2");
    const std::string second =
        chunk_signature(*verdict.verified, first, sha256_hex(std::string(1024, 'a')));
    EXPECT_EQ(second, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7");
    const std::string last = chunk_signature(*verdict.verified, second, sha256_hex(""));
    EXPECT_EQ(last, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
    EXPECT_EQ(trailer_signature(*verdict.verified, last, "x-amz-checksum-crc32c:sOO8/Q==\n"),
              "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
}

}  // namespace
}  // namespace herder::s3d
