#include "cli/workdir_archive.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

namespace fs = std::filesystem;

std::string unpacked(const WorkdirArchive& archive) {
    gzFile reader = gzopen(archive.file->path().c_str(), "rb");
    std::string bytes(1 << 20, '\0');
    const int size = gzread(reader, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(reader);
    bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return bytes;
}

TEST(WorkdirArchive, TheSameContentGivesTheSameHash) {
    const TestFolder one;
    const TestFolder two;
    for (const TestFolder* folder : {&one, &two}) {
        folder->write("b/train.py", "print(1)\n");
        folder->write("a.txt", "a");
    }
    fs::last_write_time(two.path + "/a.txt", fs::file_time_type{});
    const Result<WorkdirArchive> first = pack_workdir(one.path);
    const Result<WorkdirArchive> second = pack_workdir(two.path);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->file->sha256(), second->file->sha256());
    EXPECT_EQ(first->files, 2U);
    EXPECT_EQ(first->bytes, 10U);
    two.write("a.txt", "b");
    EXPECT_NE(first->file->sha256(), pack_workdir(two.path)->file->sha256());
}

TEST(WorkdirArchive, LeavesOutWhatIsIgnored) {
    const TestFolder here;
    here.write(".herderignore", "data/\n");
    here.write("data/huge.bin", "x");
    here.write(".git/HEAD", "x");
    here.write("train.py", "x");
    const std::string tar = unpacked(*pack_workdir(here.path));
    EXPECT_EQ(tar.find("huge.bin"), std::string::npos);
    EXPECT_EQ(tar.find("HEAD"), std::string::npos);
    EXPECT_NE(tar.find("train.py"), std::string::npos);
}

TEST(WorkdirArchive, KeepsExecutableFilesAndLinks) {
    const TestFolder here;
    here.write("run.sh", "#!/bin/sh\n");
    fs::permissions(here.path + "/run.sh", fs::perms::owner_exec, fs::perm_options::add);
    fs::create_symlink("run.sh", here.path + "/link");
    const std::string tar = unpacked(*pack_workdir(here.path));
    EXPECT_EQ(tar.substr(0, 4), "link");
    EXPECT_EQ(tar.at(156), '2');
    EXPECT_EQ(tar.substr(157, 6), "run.sh");
    EXPECT_EQ(tar.substr(512 + 100, 7), "0000755");
    EXPECT_EQ(tar.size(), 512U * 5);  // link, header, content, two blocks of end
}

TEST(WorkdirArchive, SplitsLongPathsAndRefusesTooLongOnes) {
    const std::string folder(60, 'd');
    const Result<std::string> header = tar_header({.path = folder + "/" + std::string(80, 'f')});
    ASSERT_TRUE(header);
    EXPECT_EQ(header->substr(0, 81), std::string(80, 'f') + '\0');
    EXPECT_EQ(header->substr(345, 61), folder + '\0');
    EXPECT_FALSE(tar_header({.path = std::string(120, 'f')}));
}

TEST(WorkdirArchive, TheSumOfAHeaderIsThatOfGnuTar) {
    // tar --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 of an empty file "a", 0644.
    const Result<std::string> header = tar_header({.path = "a"});
    EXPECT_EQ(header->substr(148, 8), std::string("007336\0 ", 8));
}

TEST(WorkdirArchive, RefusesWhatIsNoFolder) {
    EXPECT_EQ(pack_workdir("/nonexistent/folder").error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace herder::cli
