#pragma once
// A process of its own for a piece of a test, which it can be told to go on from and be killed in.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

namespace herder {

class ChildProcess {
  public:
    // In the child: says that it is where the test wants it, and waits until it may go on.
    class Place {
      public:
        Place(int says, int hears) : says_(says), hears_(hears) {}
        void stop_here() const {
            char byte = 'x';
            if (::write(says_, &byte, 1) != 1 || ::read(hears_, &byte, 1) != 1) ::_exit(9);
        }

      private:
        int says_;
        int hears_;
    };

    explicit ChildProcess(const std::function<bool(const Place&)>& work) {
        EXPECT_EQ(::pipe(up_.data()), 0);
        EXPECT_EQ(::pipe(down_.data()), 0);
        pid_ = ::fork();
        if (pid_ != 0) return;
        ::_exit(work({up_[1], down_[0]}) ? 0 : 1);
    }
    ~ChildProcess() {
        if (pid_ > 0) kill();
        for (const int fd : {up_[0], up_[1], down_[0], down_[1]})
            ::close(fd);
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    void wait_until_there() {
        char byte = 0;
        EXPECT_EQ(::read(up_[0], &byte, 1), 1);
    }
    void go_on() { EXPECT_EQ(::write(down_[1], "x", 1), 1); }
    void kill() {
        ::kill(pid_, SIGKILL);
        EXPECT_EQ(::waitpid(pid_, nullptr, 0), pid_);
        pid_ = -1;
    }
    // Whether it ended well.
    bool join() {
        int status = -1;
        EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
        pid_ = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

  private:
    std::array<int, 2> up_{-1, -1};
    std::array<int, 2> down_{-1, -1};
    pid_t pid_ = -1;
};

}  // namespace herder
