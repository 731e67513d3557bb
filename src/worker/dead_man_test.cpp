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
    using Agent = void (*)(DeadManLink& link, const AgentLife& life);
    struct Way {
        int restarts_max = 0;
        const char* instance = "77";
        Duration after = minutes(5);  // before the agent's first word
    };
    static constexpr Way kSoon{0, "77", milliseconds(400)};

    explicit SwitchProcess(Agent agent) : SwitchProcess(agent, Way{}) {}
    SwitchProcess(Agent agent, Way way) : way_(way) {
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
    pid_t pid() const { return switch_; }
    // Of the agent, after the first one. The switch has ended.
    int count_restarts() {
        ::fcntl(pids_[0], F_SETFL, O_NONBLOCK);
        ::close(pids_[1]);
        std::array<pid_t, 2> pids{};
        int count = 0;
        while (::read(pids_[0], pids.data(), sizeof pids) == static_cast<ssize_t>(sizeof pids))
            ++count;
        return count;
    }

  private:
    [[noreturn]] void be_switch(Agent act) {
        DeadManOptions options;
        std::array<char, 200> url{};
        const ssize_t n = ::read(port_[0], url.data(), url.size());
        options.api_base.assign(url.data(), static_cast<std::size_t>(n) - 1);
        options.instance = way_.instance;
        options.api_key = "key";
        options.after = way_.after;
        options.time_to_save = milliseconds(100);
        options.destroy_again = milliseconds(200);
        options.word = "the-word";
        options.restarts_max = way_.restarts_max;
        options.restart_pause = milliseconds(10);
        become_subreaper();
        ::_exit(guard_agent(
            options, MachineClock(),
            [&](DeadManLink link, const AgentLife& life) -> int { be_agent(link, life, act); }));
    }
    [[noreturn]] void be_agent(DeadManLink& link, const AgentLife& life, Agent act) {
        const pid_t job = ::fork();
        if (job == 0) {
            ::setsid();
            while (true)
                ::pause();
        }
        const pid_t self = ::getpid();
        [[maybe_unused]] auto n = ::write(pids_[1], &self, sizeof self);
        n = ::write(pids_[1], &job, sizeof job);
        act(link, life);
        while (true)
            ::pause();
    }

    const Way way_;
    std::array<int, 2> port_{};
    std::array<int, 2> pids_{};
    pid_t switch_ = 0;
    pid_t agent_ = 0;
    pid_t job_ = 0;
    std::optional<FakeServer> server_;
};

TEST(DeadManSwitch, DestroysTheMachineThatNobodyIsHeardOn) {
    SwitchProcess guarded([](DeadManLink&, const AgentLife&) {}, SwitchProcess::kSoon);
    EXPECT_TRUE(guarded.wait_for_destroy());
}

TEST(DeadManSwitch, SurvivesKillOfTheAgentAndEndsItsJob) {
    SwitchProcess guarded([](DeadManLink&, const AgentLife&) {}, SwitchProcess::kSoon);
    ::kill(guarded.agent(), SIGKILL);
    EXPECT_TRUE(guarded.wait_for_destroy());
    EXPECT_NE(::kill(guarded.job(), 0), 0) << "a job without its agent goes on";
}

TEST(DeadManSwitch, DismissedByTheWordItEndsWithTheAgent) {
    SwitchProcess guarded([](DeadManLink& link, const AgentLife&) {
        link.touch(minutes(5));
        link.dismiss();
        ::_exit(5);
    });
    EXPECT_EQ(guarded.wait_for_exit(), 5);
}

TEST(DeadManSwitch, AWrongWordTouchesNothing) {
    SwitchProcess guarded([](DeadManLink&, const AgentLife&) {}, SwitchProcess::kSoon);
    SwitchProcess forged(
        [](DeadManLink& link, const AgentLife&) {
            link = DeadManLink(link.fd(), "guess");
            link.touch(hours(1));
        },
        SwitchProcess::kSoon);
    EXPECT_TRUE(forged.wait_for_destroy());
    EXPECT_TRUE(guarded.wait_for_destroy());
}

TEST(DeadManSwitch, StartsAnAgentThatWasKilledAgainWithItsSession) {
    SwitchProcess guarded(
        [](DeadManLink& link, const AgentLife& life) {
            link.touch(minutes(5));
            if (life.number == 0) {
                link.keep_session("the-key");
                ::kill(::getpid(), SIGKILL);
            }
            const bool knows = life.session == "the-key" && life.ended_by == SIGKILL;
            link.dismiss();
            ::_exit(knows && life.number == 1 ? 7 : 8);
        },
        {.restarts_max = 3});
    EXPECT_EQ(guarded.wait_for_exit(), 7);
    EXPECT_NE(::kill(guarded.job(), 0), 0) << "what the first one left goes on";
}

TEST(DeadManSwitch, GivesUpAfterAFewRestarts) {
    SwitchProcess guarded(
        [](DeadManLink& link, const AgentLife&) {
            link.touch(minutes(5));
            ::kill(::getpid(), SIGSEGV);
        },
        {.restarts_max = 2, .instance = ""});
    EXPECT_EQ(guarded.wait_for_exit(), 128 + SIGSEGV);
    EXPECT_EQ(guarded.count_restarts(), 2);
}

TEST(DeadManSwitch, WhatEndsByItselfIsNotStartedAgain) {
    SwitchProcess guarded([](DeadManLink&, const AgentLife&) { ::_exit(3); },
                          {.restarts_max = 3, .instance = ""});
    EXPECT_EQ(guarded.wait_for_exit(), 3);
    EXPECT_EQ(guarded.count_restarts(), 0);
}

TEST(DeadManSwitch, WhatWasToldToStopIsNotStartedAgain) {
    SwitchProcess guarded([](DeadManLink& link, const AgentLife&) { link.touch(minutes(5)); },
                          {.restarts_max = 3, .instance = ""});
    ::kill(guarded.pid(), SIGTERM);
    EXPECT_EQ(guarded.wait_for_exit(), 128 + SIGTERM);
    EXPECT_EQ(guarded.count_restarts(), 0);
}

TEST(DeadManSwitch, RestartsDoNotPutOffTheEndOfTheMachine) {
    SwitchProcess guarded([](DeadManLink&, const AgentLife&) { ::kill(::getpid(), SIGKILL); },
                          {.restarts_max = 1000, .after = milliseconds(400)});
    EXPECT_TRUE(guarded.wait_for_destroy());
}

}  // namespace
}  // namespace herder
