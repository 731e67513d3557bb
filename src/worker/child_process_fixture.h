#pragma once
// A process of its own for a piece of a test, which it can be told to go on from and be killed in.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
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
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, down_.data()), 0);
        pid_ = ::fork();
        // Each keeps its own ends only: if the other one dies, nobody waits for its word for ever.
        if (pid_ == 0) {
            close(up_[0]);
            close(down_[1]);
            ::_exit(work({up_[1], down_[0]}) ? 0 : 1);
        }
        close(up_[1]);
        close(down_[0]);
    }
    ~ChildProcess() {
        if (pid_ > 0) kill();
        close(up_[0]);
        close(down_[1]);
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    void wait_until_there() {
        char byte = 0;
        EXPECT_EQ(::read(up_[0], &byte, 1), 1);
    }
    void go_on() { EXPECT_EQ(::send(down_[1], "x", 1, MSG_NOSIGNAL), 1); }
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
    static void close(int& fd) {
        ::close(fd);
        fd = -1;
    }

    std::array<int, 2> up_{-1, -1};
    std::array<int, 2> down_{-1, -1};
    pid_t pid_ = -1;
};

}  // namespace herder
