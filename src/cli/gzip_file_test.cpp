#include "cli/gzip_file.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/digest.h"

namespace herder::cli {
namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

TEST(GzipFile, KnowsTheHashOfWhatItWrote) {
    auto file = std::move(*GzipFile::create());
    ASSERT_TRUE(file->write("hello "));
    ASSERT_TRUE(file->write(std::string(3 << 20, 'x')));
    ASSERT_TRUE(file->finish());
    const std::string bytes = bytes_of(file->path());
    EXPECT_EQ(bytes.size(), file->size());
    EXPECT_EQ(sha256_hex(bytes), file->sha256());

    gzFile reader = gzopen(file->path().c_str(), "rb");
    std::string back(16, '\0');
    EXPECT_EQ(gzread(reader, back.data(), 16), 16);
    gzclose(reader);
    EXPECT_EQ(back, "hello xxxxxxxxxx");
}

TEST(GzipFile, TheFileGoesWithTheObject) {
    std::string path;
    {
        const auto file = std::move(*GzipFile::create());
        path = file->path();
        EXPECT_TRUE(std::filesystem::exists(path));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace herder::cli
