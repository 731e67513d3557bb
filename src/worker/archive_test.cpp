#include "worker/archive.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace herder {
namespace {

namespace fs = std::filesystem;

// Builds archives that no honest program writes.
class TarBuilder {
  public:
    TarBuilder& entry(const std::string& name, char type, const std::string& body,
                      const std::string& link = "") {
        return header(name, type, static_cast<std::int64_t>(body.size()), link).raw(body);
    }
    TarBuilder& header(const std::string& name, char type, std::int64_t size,
                       const std::string& link) {
        std::string block(512, '\0');
        block.replace(0, std::min<std::size_t>(name.size(), 100), name.substr(0, 100));
        put(block, 100, "0000644");
        char text[24];
        std::snprintf(text, sizeof text, "%011llo", static_cast<unsigned long long>(size));
        put(block, 124, text);
        block[156] = type;
        put(block, 157, link);
        put(block, 257,
            std::string("ustar\0"
                        "00",
                        8));
        unsigned sum = 8 * ' ';
        for (const char c : block)
            sum += static_cast<unsigned char>(c);
        std::snprintf(text, sizeof text, "%06o", sum);
        put(block, 148, text);
        block[155] = ' ';
        data_ += block;
        return *this;
    }
    TarBuilder& raw(const std::string& body) {
        data_ += body;
        data_.resize((data_.size() + 511) / 512 * 512, '\0');
        return *this;
    }
    void write(const fs::path& path, bool ended = true) const {
        gzFile file = gzopen(path.c_str(), "wb1");
        const std::string all = data_ + std::string(ended ? 1024 : 0, '\0');
        gzwrite(file, all.data(), static_cast<unsigned>(all.size()));
        gzclose(file);
    }

  private:
    static void put(std::string& block, std::size_t at, const std::string& text) {
        block.replace(at, text.size(), text);
    }
    std::string data_;
};

class Archive : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "herder-archive-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { fs::remove_all(folder_); }
    Status unpack(const TarBuilder& tar, const ArchiveLimits& limits = {}, bool ended = true) {
        tar.write(folder_ / "a.tar.gz", ended);
        return unpack_archive(folder_ / "a.tar.gz", folder_ / "out/in", limits);
    }
    std::string read(const std::string& name) {
        std::ifstream file(folder_ / "out/in" / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    fs::path folder_;
};

TEST_F(Archive, UnpacksFilesFoldersLinksAndLongNames) {
    const std::string longest = std::string(90, 'd') + "/" + std::string(90, 'f');
    TarBuilder tar;
    tar.entry("./", '5', "").entry("./src/", '5', "").entry("./src/a.py", '0', "print(1)\n");
    tar.entry("src/b.py", '2', "", "a.py");
    tar.entry("././@LongLink", 'L', longest + '\0').entry("short", '0', "long");
    tar.entry("pax", 'x', "18 path=nice/name\n").entry("x", '0', std::string(5000, 'z'));
    const Status done = unpack(tar);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(read("src/a.py"), "print(1)\n");
    EXPECT_EQ(read("src/b.py"), "print(1)\n");
    EXPECT_EQ(read(longest), "long");
    EXPECT_EQ(read("nice/name").size(), 5000U);
}

TEST_F(Archive, RefusesWhatLeavesTheFolder) {
    for (const std::string& name : {"../x", "/etc/x", "a/../../x", "a/.."}) {
        EXPECT_FALSE(unpack(TarBuilder().entry(name, '0', "evil"))) << name;
    }
    EXPECT_FALSE(unpack(TarBuilder().entry("l", '2', "", "/etc")));
    EXPECT_FALSE(unpack(TarBuilder().entry("d/l", '2', "", "../../x")));
    EXPECT_FALSE(unpack(TarBuilder().entry("h", '1', "", "../../etc/passwd"))) << "hard link";
    EXPECT_FALSE(unpack(TarBuilder().entry("n", '3', ""))) << "device";
    EXPECT_FALSE(fs::exists(folder_ / "x"));
    EXPECT_FALSE(fs::exists(folder_ / "out/x"));
}

TEST_F(Archive, DoesNotWriteThroughALinkOfItsOwn) {
    TarBuilder tar;
    tar.entry("sub", '5', "").entry("l", '2', "", "sub").entry("l/x", '0', "through");
    EXPECT_FALSE(unpack(tar)) << "a folder stands where the link should be";
    EXPECT_FALSE(fs::exists(folder_ / "out/in/sub/x"));
}

TEST_F(Archive, KeepsItsLimits) {
    TarBuilder big;
    big.entry("a", '0', std::string(2000, 'x'));
    EXPECT_FALSE(unpack(big, {.unpacked = Bytes{1000}}));
    TarBuilder huge;
    huge.header("a", '0', 077777777777LL, "");
    EXPECT_FALSE(unpack(huge));
    TarBuilder many;
    for (int i = 0; i < 20; ++i)
        many.entry("f" + std::to_string(i), '0', "");
    EXPECT_FALSE(unpack(many, {.entries = 10}));
}

TEST_F(Archive, RefusesWhatIsDamaged) {
    EXPECT_FALSE(unpack(TarBuilder().raw(std::string(512, 'x'))));
    EXPECT_FALSE(unpack(TarBuilder().header("a", '0', 1000, "").raw("cut"), {}, false));
    std::ofstream(folder_ / "plain") << "not an archive at all";
    EXPECT_FALSE(unpack_archive(folder_ / "plain", folder_ / "out", {}));
    EXPECT_FALSE(unpack_archive(folder_ / "none", folder_ / "out", {}));
}

}  // namespace
}  // namespace herder
