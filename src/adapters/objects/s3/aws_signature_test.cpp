// The worked examples that AWS publishes beside its specification ("Examples: Signature
// Calculations", "Authenticating Requests: Using Query Parameters", "... Transferring Payload in
// Multiple Chunks" and "... Including Trailing Headers", read November 2026).
#include "adapters/objects/s3/aws_signature.h"

#include <gtest/gtest.h>

namespace herder::s3 {
namespace {

constexpr WallTime kNow{1'369'353'600'000'000};  // 2013-05-24
const std::string kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Signer signer(const std::string& token = "") {
    return Signer({"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", token, {}},
                  "us-east-1");
}

Signable request(const std::string& method, const std::string& path, Fields query, Fields headers,
                 const std::string& hash = kEmptyHash) {
    headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
    return {method, path, std::move(query), std::move(headers), hash};
}

std::string signature_of(Signable signable) {
    signer().sign_headers(signable, kNow);
    const std::string& header = signable.headers.back().second;
    return header.substr(header.find("Signature=") + 10);
}

TEST(AwsSignature, MatchesThePublishedHeaderExamples) {
    EXPECT_EQ(signature_of(request("GET", "/test.txt", {}, {{"range", "bytes=0-9"}})),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    EXPECT_EQ(
        signature_of(request("PUT", "/test$file.text", {},
                             {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                              {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                             "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    EXPECT_EQ(signature_of(request("GET", "/", {{"lifecycle", ""}}, {})),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(signature_of(request("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {})),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(AwsSignature, MatchesThePublishedPresignedExample) {
    const std::string query =
        signer().presign(request("GET", "/test.txt", {}, {}, ""), kNow, seconds(86400));
    EXPECT_NE(query.find("X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"),
              std::string::npos);
    EXPECT_TRUE(query.ends_with(
        "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
        << query;
}

Signable chunked(const std::string& hash, Fields headers) {
    headers.emplace_back("host", "s3.amazonaws.com");
    headers.emplace_back("content-encoding", "aws-chunked");
    headers.emplace_back("x-amz-decoded-content-length", "66560");
    headers.emplace_back("x-amz-storage-class", "REDUCED_REDUNDANCY");
    return {"PUT", "/examplebucket/chunkObject.txt", {}, std::move(headers), hash};
}

TEST(AwsSignature, MatchesThePublishedChainOfChunks) {
    const std::string seed =
        signature_of(chunked("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", {{"content-length", "66824"}}));
    EXPECT_EQ(seed, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    const std::string first = signer().sign_chunk(kNow, seed, std::string(65536, 'a'));
    EXPECT_EQ(first, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    const std::string second = signer().sign_chunk(kNow, first, std::string(1024, 'a'));
    EXPECT_EQ(second, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    EXPECT_EQ(signer().sign_chunk(kNow, second, ""),
              "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

TEST(AwsSignature, MatchesThePublishedTrailer) {
    const std::string seed = signature_of(chunked("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                                                  {{"x-amz-trailer", "x-amz-checksum-crc32c"}}));
    EXPECT_EQ(seed, "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
    const std::string first = signer().sign_chunk(kNow, seed, std::string(65536, 'a'));
    const std::string second = signer().sign_chunk(kNow, first, std::string(1024, 'a'));
    const std::string last = signer().sign_chunk(kNow, second, "");
    EXPECT_EQ(last, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
    EXPECT_EQ(signer().sign_trailer(kNow, last, "x-amz-checksum-crc32c:sOO8/Q==\n"),
              "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
}

TEST(AwsSignature, TemporaryCredentialsCarryTheirToken) {
    Signable signable = request("GET", "/k", {}, {});
    signer("to/ken").sign_headers(signable, kNow);
    EXPECT_NE(signable.headers.back().second.find("x-amz-security-token"), std::string::npos);
    const std::string query =
        signer("to/ken").presign(request("GET", "/k", {}, {}), kNow, hours(1));
    EXPECT_NE(query.find("&X-Amz-Security-Token=to%2Fken&"), std::string::npos);
}

TEST(AwsSignature, LifeStaysWithinWhatServersAccept) {
    const auto expires = [](Duration life) {
        const std::string query = signer().presign(request("GET", "/k", {}, {}), kNow, life);
        const std::size_t from = query.find("X-Amz-Expires=") + 14;
        return query.substr(from, query.find('&', from) - from);
    };
    EXPECT_EQ(expires(hours(1)), "3600");
    EXPECT_EQ(expires(days(30)), "604800");
    EXPECT_EQ(expires(seconds(-5)), "1");
}

TEST(AwsSignature, ASeriesSignsAsOneByOne) {
    for (const std::string token : {"", "to/ken"}) {
        const auto one = [](const std::string& number, const std::string& size) {
            Signable part = request("PUT", "/b/a b", {}, {});
            // Before and behind the others in their order, and with a name that begins alike.
            part.query = {{"partNumber", number}, {"apartNumber", "7"}, {"uploadId", "x/=&"}};
            part.headers.emplace_back("content-length", size);
            return part;
        };
        const Signer::Series series(signer(token), one("0", ""), "partNumber", kNow, hours(1));
        for (const std::string number : {"1", "42", "10000"}) {
            const Signable wanted = one(number, number + "0");
            EXPECT_EQ(series.presign(number, wanted.headers),
                      signer(token).presign(wanted, kNow, hours(1)));
        }
    }
}

TEST(AwsSignature, KeptKeysAreThoseOfTheirDayAndSecret) {
    SigningKeys keys;
    const auto with = [](const std::string& secret, WallTime now, SigningKeys* kept) {
        return Signer({"id", secret, "", {}}, "us-east-1", "s3", kept)
            .presign(request("GET", "/k", {}, {}), now, hours(1));
    };
    for (const Duration later : {hours(0), hours(1), days(1), hours(2)}) {
        for (const char* secret : {"one", "two", "one"})
            EXPECT_EQ(with(secret, kNow + later, &keys), with(secret, kNow + later, nullptr));
    }
}

TEST(AwsSignature, EncodesOnceAndKeepsSlashesInPaths) {
    EXPECT_EQ(uri_encode("/a b/\xC3\xA9+=%~", true), "/a%20b/%C3%A9%2B%3D%25~");
    EXPECT_EQ(uri_encode("a/b", false), "a%2Fb");
    EXPECT_EQ(encode_query({{"b", "x/y"}, {"a", ""}}), "b=x%2Fy&a=");
}

}  // namespace
}  // namespace herder::s3
