#include "worker/dead_man.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "worker/fake_server_fixture.h"
#include "worker/process_tree.h"

namespace herder {
namespace {

constexpr char kDelete[] = "DELETE /api/v0/instances/77/";

// A switch in a process of its own, with an agent that only waits and has one child of its own.
class SwitchProcess {
  public:
    // What the agent does with its link before it waits.
    using Agent = void (*)(DeadManLink& link);

    explicit SwitchProcess(Agent agent) {
        EXPECT_EQ(::pipe2(port_.data(), O_CLOEXEC), 0);
        EXPECT_EQ(::pipe2(pids_.data(), O_CLOEXEC), 0);
        // Before the fake provider has threads: the child goes on without exec.
        switch_ = ::fork();
        if (switch_ == 0) be_switch(agent);
        server_.emplace();
        const std::string url = server_->url() + "\n";
        EXPECT_EQ(::write(port_[1], url.data(), url.size()), static_cast<ssize_t>(url.size()));
        EXPECT_EQ(::read(pids_[0], &agent_, sizeof agent_), static_cast<ssize_t>(sizeof agent_));
        EXPECT_EQ(::read(pids_[0], &job_, sizeof job_), static_cast<ssize_t>(sizeof job_));
    }
    ~SwitchProcess() {
        if (switch_ > 0) {
            ::kill(job_, SIGKILL);
            ::kill(agent_, SIGKILL);
            ::kill(switch_, SIGKILL);
            ::waitpid(switch_, nullptr, 0);
        }
    }
    FakeServer& provider() { return *server_; }
    pid_t agent() const { return agent_; }
    pid_t job() const { return job_; }
    bool wait_for_destroy() {
        return server_->wait([this] {
            const auto& calls = server_->calls();
            return std::find(calls.begin(), calls.end(), kDelete) != calls.end();
        });
    }
    int wait_for_exit() {
        int status = 0;
        ::waitpid(switch_, &status, 0);
        switch_ = 0;
        return WEXITSTATUS(status);
    }

  private:
    [[noreturn]] void be_switch(Agent act) {
        DeadManOptions options;
        std::array<char, 200> url{};
        const ssize_t n = ::read(port_[0], url.data(), url.size());
        options.api_base.assign(url.data(), static_cast<std::size_t>(n) - 1);
        options.instance = "77";
        options.api_key = "key";
        options.after = milliseconds(400);
        options.time_to_save = milliseconds(100);
        options.destroy_again = milliseconds(200);
        options.word = "the-word";
        std::array<int, 2> pipe{};
        if (::pipe2(pipe.data(), O_CLOEXEC) != 0) ::_exit(9);
        become_subreaper();
        const pid_t agent = ::fork();
        if (agent == 0) be_agent(pipe[1], act);
        ::close(pipe[1]);
        ::_exit(guard_agent(options, MachineClock(), pipe[0], agent));
    }
    [[noreturn]] void be_agent(int fd, Agent act) {
        const pid_t job = ::fork();
        if (job == 0) {
            ::setsid();
            while (true)
                ::pause();
        }
        const pid_t self = ::getpid();
        [[maybe_unused]] auto n = ::write(pids_[1], &self, sizeof self);
        n = ::write(pids_[1], &job, sizeof job);
        DeadManLink link(fd, "the-word");
        act(link);
        while (true)
            ::pause();
    }

    std::array<int, 2> port_{};
    std::array<int, 2> pids_{};
    pid_t switch_ = 0;
    pid_t agent_ = 0;
    pid_t job_ = 0;
    std::optional<FakeServer> server_;
};

TEST(DeadManSwitch, DestroysTheMachineThatNobodyIsHeardOn) {
    SwitchProcess guarded([](DeadManLink&) {});
    EXPECT_TRUE(guarded.wait_for_destroy());
}

TEST(DeadManSwitch, SurvivesKillOfTheAgentAndEndsItsJob) {
    SwitchProcess guarded([](DeadManLink&) {});
    ::kill(guarded.agent(), SIGKILL);
    EXPECT_TRUE(guarded.wait_for_destroy());
    EXPECT_NE(::kill(guarded.job(), 0), 0) << "a job without its agent goes on";
}

TEST(DeadManSwitch, DismissedByTheWordItEndsWithTheAgent) {
    SwitchProcess guarded([](DeadManLink& link) {
        link.touch(minutes(5));
        link.dismiss();
        ::_exit(5);
    });
    EXPECT_EQ(guarded.wait_for_exit(), 5);
}

TEST(DeadManSwitch, AWrongWordTouchesNothing) {
    SwitchProcess guarded([](DeadManLink&) {});
    SwitchProcess forged([](DeadManLink& link) {
        link = DeadManLink(link.fd(), "guess");
        link.touch(hours(1));
    });
    EXPECT_TRUE(forged.wait_for_destroy());
    EXPECT_TRUE(guarded.wait_for_destroy());
}

}  // namespace
}  // namespace herder
