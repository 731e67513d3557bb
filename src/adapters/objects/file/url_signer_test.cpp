#include "adapters/objects/file/url_signer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace herder {
namespace {

struct CountingEntropy : Entropy {
    std::uint64_t drawn = 0;
    std::uint64_t draw() override { return ++drawn * 0x0101010101010101ULL; }
};

constexpr WallTime kExpires{1'800'000'000'000'000};

// The value of one field of the query.
std::string field(const std::string& url, const std::string& name) {
    const std::size_t begin = url.find(name + "=") + name.size() + 1;
    return url.substr(begin, url.find('&', begin) - begin);
}

class SignedUrl : public ::testing::Test {
  protected:
    UrlSigner signer{std::string(32, 's')};
    std::string url = signer.sign(UrlVerb::kPut, "v1/a", kExpires);
    std::string expires = field(url, "expires");
    std::string signature = field(url, "signature");
    WallTime before = WallTime{kExpires.us - 1};
};

TEST_F(SignedUrl, IsGoodUntilItExpires) {
    EXPECT_EQ(url.substr(0, url.find('&')), "/objects/v1/a?verb=put");
    EXPECT_TRUE(signer.verify(UrlVerb::kPut, "v1/a", expires, signature, before));
    const Status late = signer.verify(UrlVerb::kPut, "v1/a", expires, signature, kExpires);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::kForbidden);
}

TEST_F(SignedUrl, IsGoodForNothingElse) {
    EXPECT_FALSE(signer.verify(UrlVerb::kGet, "v1/a", expires, signature, before));
    EXPECT_FALSE(signer.verify(UrlVerb::kPut, "v1/b", expires, signature, before));
    EXPECT_FALSE(signer.verify(UrlVerb::kPut, "v1/a", "1900000000", signature, before));
    EXPECT_FALSE(signer.verify(UrlVerb::kPut, "v1/a", expires, "", before));
    EXPECT_FALSE(signer.verify(UrlVerb::kPut, "v1/a", expires, signature + "A", before));
    const UrlSigner other(std::string(32, 't'));
    EXPECT_FALSE(other.verify(UrlVerb::kPut, "v1/a", expires, signature, before));
}

TEST_F(SignedUrl, ExpiryThatIsNoNumberIsRefusedEvenIfSigned) {
    EXPECT_FALSE(signer.verify(UrlVerb::kPut, "v1/a", "", signature, before));
    EXPECT_FALSE(signer.verify(UrlVerb::kPut, "v1/a", expires + " ", signature, before));
}

TEST(UrlSecret, IsMadeOncePrivateAndKept) {
    std::string folder = ::testing::TempDir() + "herder-secret-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/url.key";
    CountingEntropy entropy;
    const auto made = load_or_make_secret(path, entropy);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->size(), 32U);
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    EXPECT_EQ(load_or_make_secret(path, entropy).value(), *made);
    std::ofstream(path) << "torn";
    EXPECT_EQ(load_or_make_secret(path, entropy).error().code, ErrorCode::kCorrupt);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace herder
