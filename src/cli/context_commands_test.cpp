#include <gtest/gtest.h>

#include <CLI/App.hpp>
#include <cstdlib>
#include <sstream>

#include "cli/app.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

void add_spend(Commands& commands) {
    commands.add("spend", "asks first", [](Context& context) {
        const Result<bool> agreed = confirm(context, "Spend?");
        if (!agreed) return fail(context, agreed.error());
        context.output.data(*agreed ? context.options.data_dir : "no");
        return ExitCode::kOk;
    });
}

class ContextCommandsTest : public testing::Test {
  protected:
    ContextCommandsTest() {
        setenv("XDG_CONFIG_HOME", folder_.path.c_str(), 1);
        setenv("XDG_STATE_HOME", (folder_.path + "/state").c_str(), 1);
        for (const char* name : {"HERDER_CONTEXT", "HERDER_DATA_DIR", "HERDER_SERVER_URL"})
            unsetenv(name);
    }
    ~ContextCommandsTest() override {
        unsetenv("XDG_CONFIG_HOME");
        unsetenv("XDG_STATE_HOME");
    }
    Ran run(const std::vector<std::string>& arguments, const std::string& typed = "",
            bool in_is_terminal = false) {
        std::istringstream in(typed);
        std::ostringstream out;
        std::ostringstream err;
        Streams streams{in, out, err, false, in_is_terminal};
        const int code = run_cli(arguments, streams, {add_spend});
        return {code, out.str(), err.str()};
    }
    TestFolder folder_;
};

TEST_F(ContextCommandsTest, AContextIsAddedUsedShownAndRemoved) {
    EXPECT_EQ(run({"context", "add", "prod", "--key-variable", "VAST_KEY_PROD", "--confirm",
                   "always", "--max-hourly", "12.5"})
                  .code,
              0);
    EXPECT_EQ(run({"context", "add", "dev", "--key-file", "/srv/dev.key"}).code, 0);
    EXPECT_EQ(run({"context", "use", "prod"}).code, 0);
    const Ran all = run({"context", "ls"});
    EXPECT_NE(all.out.find("*\tprod\t$VAST_KEY_PROD\t"), std::string::npos) << all.out;
    EXPECT_NE(all.out.find("\talways\t12.5"), std::string::npos) << all.out;
    EXPECT_NE(all.out.find("\tdev\t/srv/dev.key\t"), std::string::npos) << all.out;
    EXPECT_NE(all.out.find("\tdefault\t"), std::string::npos) << all.out;
    const Ran shown = run({"context", "show"});
    EXPECT_NE(shown.out.find("name\tprod"), std::string::npos) << shown.out;
    const Ran other = run({"context", "show", "dev"});
    EXPECT_NE(other.out.find("listen\t127.0.0.1:8770"), std::string::npos)
        << "not the address of another context: " << other.out;
    EXPECT_EQ(run({"context", "rm", "prod", "--context", "prod", "-y"}).code, 0);
    EXPECT_EQ(run({"context", "use", "prod"}).code, 3);
    EXPECT_NE(run({"context", "ls"}).out.find("*\tdefault"), std::string::npos);
}

TEST_F(ContextCommandsTest, EveryContextHasAFolderOfItsOwn) {
    run({"context", "add", "dev"});
    EXPECT_EQ(run({"spend", "-y"}).out, folder_.path + "/state/herder\n");
    EXPECT_EQ(run({"spend", "-y", "--context", "dev"}).out,
              folder_.path + "/state/herder/contexts/dev\n");
    const Ran both = run({"spend", "-y", "--context", "dev", "--data-dir", "/tmp/x"});
    EXPECT_EQ(both.code, 2);
    EXPECT_NE(both.err.find("name two places"), std::string::npos) << both.err;
}

TEST_F(ContextCommandsTest, AGuardedContextTakesYesOnlyWhereItIsNamed) {
    run({"context", "add", "prod", "--confirm", "always"});
    run({"context", "use", "prod"});
    const Ran forgotten = run({"spend", "-y"});
    EXPECT_EQ(forgotten.code, 2);
    EXPECT_NE(forgotten.err.find("--context prod -y"), std::string::npos) << forgotten.err;
    EXPECT_EQ(run({"spend", "-y", "--context", "prod"}).code, 0);
    EXPECT_EQ(run({"spend"}, "y\n", true).out, "no\n") << "a habit is no answer";
    EXPECT_NE(run({"spend"}, "prod\n", true).out, "no\n");
}

TEST_F(ContextCommandsTest, AWrongFileStopsCommandsButNotTheWayOut) {
    run({"context", "add", "bad"});
    folder_.write("herder/contexts/bad.yaml", "kee: 1\n");
    run({"context", "use", "default"});
    setenv("HERDER_CONTEXT", "bad", 1);
    const Ran stopped = run({"spend", "-y"});
    EXPECT_EQ(stopped.code, 2);
    EXPECT_NE(stopped.err.find("bad.yaml:1:1: error:"), std::string::npos) << stopped.err;
    EXPECT_EQ(run({"context", "ls"}).code, 0);
    unsetenv("HERDER_CONTEXT");
}

TEST_F(ContextCommandsTest, ASharedKeyIsSaid) {
    run({"context", "add", "dev"});
    EXPECT_NE(run({"context", "ls"}).err.find("take their key from the same place"),
              std::string::npos);
}

TEST_F(ContextCommandsTest, AMarketKeyOnTheCommandLineDoesNotExist) {
    EXPECT_EQ(run({"context", "add", "dev", "--key", "secret"}).code, 2);
}

}  // namespace
}  // namespace herder::cli
