#include "adapters/objects/file/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace herder {
namespace {

TEST(Descriptor, IsClosedAtTheEndAndKeepsErrno) {
    int raw = -1;
    errno = ENOSPC;
    {
        Descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        raw = file.get();
        EXPECT_TRUE(file.is_open());
        errno = ENOSPC;
    }
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
}

TEST(Descriptor, ReadsBackWhatWasWrittenAndCutsAtTheEnd) {
    std::string name = ::testing::TempDir() + "herder-descriptor-XXXXXX";
    const Descriptor file(::mkstemp(name.data()));
    ::unlink(name.c_str());
    ASSERT_TRUE(write_all(file.get(), "content"));
    std::string data(100, '\0');
    ASSERT_TRUE(read_all(file.get(), data));
    EXPECT_EQ(data, "content");
}

}  // namespace
}  // namespace herder
