// The boot script for real: run by a shell that finds nothing but the basic tools and the one way
// to fetch under test, against a server with TLS as the orchestrator's is.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapters/http/certificate.h"
#include "adapters/http/server.h"
#include "base/digest.h"
#include "protocol/agent_paths.h"
#include "protocol/boot_script.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

// What every image has, as coreutils or as busybox.
constexpr const char* kBasicTools[] = {"sh",    "mkdir",    "cat",   "rm",       "mv",
                                       "chmod", "readlink", "uname", "sha256sum"};
// Ends with a newline and holds bytes that text tools would spoil.
const std::string kAgent = std::string(
    "#!/bin/sh\necho \"home=$HERDER_HOME\" >\"$HERDER_HOME/ran\"\n"
    "exit 7\n\0\r\n\xff\n",
    73);

std::string path_of(const std::string& tool) {
    for (const char* folder : {"/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"}) {
        if (fs::exists(folder + tool)) return folder + tool;
    }
    return {};
}

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

class BootPaths : public testing::Test {
  protected:
    BootPaths() {
        std::string name = (fs::temp_directory_path() / "herder-boot-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        fs::permissions(folder_, fs::perms::all);
        fs::create_directories(folder_ / "bin");
        fs::create_directories(folder_ / "home");
        for (const char* tool : kBasicTools)
            give(tool);
        // The waits between two tries take no time here.
        fs::create_symlink("/bin/true", folder_ / "bin/sleep");
        http::ServerOptions options;
        options.tls = http::make_self_signed_certificate().value();
        options.serves_plain = [](const http::Request& head) {
            return head.path().starts_with(protocol::kAgentFiles);
        };
        auto started = http::Server::start(
            std::move(options), [this](const http::Request& request, http::Responder to) {
                const bool known = request.path() == protocol::kAgentFiles + hash_;
                to.respond(http::make_response(known ? 200 : 404, "application/octet-stream",
                                               known ? sent_ : "no such file\n"));
            });
        EXPECT_TRUE(started);
        server_ = std::move(*started);
    }
    ~BootPaths() override {
        server_->stop();
        fs::remove_all(folder_);
    }

    // Puts a tool of this machine where the script's shell looks.
    void give(const std::string& tool) {
        const std::string path = path_of(tool);
        ASSERT_NE(path, "") << tool << " is not installed; ./dev setup";
        fs::create_symlink(path, folder_ / "bin" / tool);
    }
    void take(const std::string& tool) { fs::remove(folder_ / "bin" / tool); }

    std::string script() const {
        return protocol::make_onstart({.agent_url = server_->url() + protocol::kAgentFiles + hash_,
                                       .agent_sha256 = hash_})
            .value();
    }
    // Runs a command of the script's world; what it prints is in printed_.
    int run(std::vector<std::string> command, const std::string& home) {
        const std::string out = folder_ / "out";
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_CREAT | O_WRONLY | O_TRUNC,
                                         0666);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        std::vector<std::string> env = {"PATH=" + (folder_ / "bin").string()};
        if (!home.empty()) env.push_back("HOME=" + home);
        const auto pointers = [](std::vector<std::string>& texts) {
            std::vector<char*> all;
            for (std::string& text : texts)
                all.push_back(text.data());
            all.push_back(nullptr);
            return all;
        };
        pid_t pid = 0;
        const int failed = ::posix_spawn(&pid, command[0].c_str(), &actions, nullptr,
                                         pointers(command).data(), pointers(env).data());
        posix_spawn_file_actions_destroy(&actions);
        EXPECT_EQ(failed, 0);
        int status = 0;
        ::waitpid(pid, &status, 0);
        printed_ = text_of(out);
        return WEXITSTATUS(status);
    }
    // As the args run type starts it: the agent takes the script's place.
    int boot(const std::string& shell = "/bin/sh") {
        return run({shell, "-c", script(), "herder", "fg"}, home());
    }
    std::string home() const { return folder_ / "home"; }
    std::string ran() const { return text_of(folder_ / "home/.herder/ran"); }

    fs::path folder_;
    std::string hash_ = sha256_hex(kAgent);
    std::string sent_ = kAgent;
    std::unique_ptr<http::Server> server_;
    std::string printed_;
};

class BootPathsBy : public BootPaths, public testing::WithParamInterface<const char*> {};

TEST_P(BootPathsBy, FetchesVerifiesAndRunsTheAgentWithThisToolAlone) {
    give(GetParam());
    EXPECT_EQ(boot(), 7) << printed_;  // the agent's own exit code
    EXPECT_EQ(printed_, std::string("herder-boot: fetched with ") + GetParam() + "\n");
    EXPECT_EQ(ran(), "home=" + home() + "/.herder\n");
    EXPECT_EQ(text_of(home() + "/.herder/herder-agent"), kAgent);
}

INSTANTIATE_TEST_SUITE_P(Tools, BootPathsBy,
                         testing::Values("curl", "wget", "python3", "perl", "openssl", "bash",
                                         "busybox"),
                         [](const auto& info) { return std::string(info.param); });

class BootPathsHashedBy : public BootPathsBy {};

TEST_P(BootPathsHashedBy, ChecksTheHashWithThisToolAlone) {
    take("sha256sum");
    give("curl");
    give(GetParam());
    EXPECT_EQ(boot(), 7) << printed_;
}

INSTANTIATE_TEST_SUITE_P(Tools, BootPathsHashedBy,
                         testing::Values("openssl", "python3", "perl", "busybox"),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(BootPaths, RunsInAnImageOfNothingButBusybox) {
    for (const char* tool : kBasicTools)
        take(tool);
    give("busybox");
    for (const char* tool : kBasicTools)
        fs::create_symlink(path_of("busybox"), folder_ / "bin" / tool);
    EXPECT_EQ(boot(folder_ / "bin/sh"), 7) << printed_;
    EXPECT_EQ(printed_, "herder-boot: fetched with busybox\n");
}

TEST_F(BootPaths, SaysWhatTheImageLacks) {
    EXPECT_EQ(boot(), 1);
    EXPECT_TRUE(printed_.starts_with("herder-boot: verdict no_fetcher: ")) << printed_;
    give("curl");
    take("sha256sum");
    EXPECT_EQ(boot(), 1);
    EXPECT_TRUE(printed_.starts_with("herder-boot: verdict no_hasher: ")) << printed_;
    EXPECT_EQ(ran(), "");
}

TEST_F(BootPaths, NeverRunsWhatIsNotTheAgent) {
    give("curl");
    give("bash");
    sent_ += "more";
    EXPECT_EQ(boot(), 1);
    EXPECT_NE(printed_.find("herder-boot: verdict wrong_hash: "), std::string::npos) << printed_;
    EXPECT_EQ(ran(), "");
    EXPECT_FALSE(fs::exists(home() + "/.herder/herder-agent"));
}

TEST_F(BootPaths, SaysThatNobodyAnswersAndGivesUp) {
    give("curl");
    const std::string text = script();
    server_->stop();
    EXPECT_EQ(run({"/bin/sh", "-c", text, "herder", "fg"}, home()), 1);
    EXPECT_NE(printed_.find("herder-boot: verdict unreachable: not to be had with curl from https"),
              std::string::npos)
        << printed_;
}

TEST_F(BootPaths, ReusesTheAgentOfAnEarlierStart) {
    give("curl");
    EXPECT_EQ(boot(), 7);
    const std::string text = script();
    server_->stop();
    fs::remove(home() + "/.herder/ran");
    EXPECT_EQ(run({"/bin/sh", "-c", text, "herder", "fg"}, home()), 7) << printed_;
    EXPECT_EQ(printed_, "");
    EXPECT_NE(ran(), "");
}

// In the ssh and jupyter run types a launcher runs the script, from a file, and stays itself.
TEST_F(BootPaths, LeavesTheAgentRunningBehindALauncher) {
    give("curl");
    give("setsid");
    ASSERT_EQ(::mkfifo((folder_ / "ended").c_str(), 0666), 0);
    sent_ = "#!/bin/sh\necho ended >" + (folder_ / "ended").string() + "\n";
    hash_ = sha256_hex(sent_);
    std::ofstream(folder_ / "onstart.sh") << script();
    EXPECT_EQ(run({"/bin/sh", folder_ / "onstart.sh"}, home()), 0) << printed_;
    EXPECT_EQ(printed_, "herder-boot: fetched with curl\nherder-boot: agent started\n");
    EXPECT_EQ(text_of(folder_ / "ended"), "ended\n");  // waits for the agent
}

TEST_F(BootPaths, RunsAsAUserWithoutAHomeFolder) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    give("curl");
    sent_ = "#!/bin/sh\necho \"agent of $(/usr/bin/id -u) in $HERDER_HOME\"\n";
    hash_ = sha256_hex(sent_);
    // With a /var/tmp of its own, so that it meets nobody else's.
    const std::string become =
        "/bin/mount -t tmpfs -o mode=1777 none /var/tmp || exit 99; exec " + path_of("setpriv") +
        " --reuid 65534 --regid 65534 --clear-groups -- /bin/sh -c \"$0\" herder fg";
    const int code = run({path_of("unshare"), "-m", "/bin/sh", "-c", become, script()}, "/nowhere");
    if (code == 99 || code == 1) GTEST_SKIP() << "no mount namespaces here: " << printed_;
    EXPECT_EQ(code, 0) << printed_;
    EXPECT_EQ(printed_, "herder-boot: fetched with curl\nagent of 65534 in /var/tmp/.herder\n");
}

}  // namespace
}  // namespace herder
