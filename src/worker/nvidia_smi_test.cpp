#include "worker/nvidia_smi.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace herder {
namespace {

namespace fs = std::filesystem;

using Rows = std::vector<std::vector<std::string>>;

// A PATH with nothing but an nvidia-smi of the test's.
class OwnPath {
  public:
    OwnPath() {
        std::string name = (fs::temp_directory_path() / "herder-smi-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        before_ = ::getenv("PATH");
        ::setenv("PATH", folder_.c_str(), 1);
    }
    ~OwnPath() {
        ::setenv("PATH", before_.c_str(), 1);
        fs::remove_all(folder_);
    }
    OwnPath(const OwnPath&) = delete;
    OwnPath& operator=(const OwnPath&) = delete;
    void put_smi(const std::string& script) const {
        const fs::path path = folder_ / "nvidia-smi";
        std::ofstream(path) << "#!/bin/sh\n" << script;
        ::chmod(path.c_str(), 0755);
    }

  private:
    fs::path folder_;
    std::string before_;
};

TEST(NvidiaSmi, ReadsRowsOfAsManyCellsAsWereAskedFor) {
    EXPECT_EQ(parse_smi_rows("NVIDIA GeForce RTX 4090, 24564, [N/A]\nb,1,2\r\n", 3),
              (Rows{{"NVIDIA GeForce RTX 4090", "24564", "[N/A]"}, {"b", "1", "2"}}));
    EXPECT_EQ(parse_smi_rows("No devices were found\n", 3), Rows{});
    EXPECT_EQ(parse_smi_rows("a,b,c,d\n", 3), Rows{});
    EXPECT_EQ(parse_smi_rows("", 3), Rows{});
}

TEST(NvidiaSmi, TellsAMissingToolFromOneThatFails) {
    const OwnPath path;
    EXPECT_EQ(query_nvidia_smi("name"), std::nullopt);
    path.put_smi("echo \"$1 $2\"\n");
    EXPECT_EQ(query_nvidia_smi("name,driver_version"),
              "--query-gpu=name,driver_version --format=csv,noheader,nounits\n");
    path.put_smi("exit 9\n");
    EXPECT_EQ(query_nvidia_smi("name"), "");
}

}  // namespace
}  // namespace herder
