#include "cli/app.h"

#include <gtest/gtest.h>

#include <CLI/App.hpp>
#include <sstream>

namespace herder::cli {
namespace {

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
};

void add_spend(Commands& commands) {
    struct Options {
        int count = 1;
    };
    auto& options = commands.keep<Options>();
    CLI::App& spend = commands.add("spend", "asks first", [&options](Context& context) {
        const Result<bool> agreed =
            confirm(context, "Spend?", options.count < 0 ? OnEnter::kNo : OnEnter::kYes);
        if (!agreed) return fail(context, agreed.error());
        context.output.data(*agreed ? std::to_string(options.count) : "no");
        return ExitCode::kOk;
    });
    spend.add_option("--count", options.count);
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

TEST(App, TakesGlobalOptionsAfterTheCommand) {
    EXPECT_EQ(run({"version", "-o", "json"}).out,
              "[\n  {\"version\": \"" + program_version() + "\"}\n]\n");
}

TEST(App, AnUnknownCommandIsAUsageError) {
    const Ran ran = run({"lanuch"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err, "");
}

TEST(App, AnUnknownFormatIsAUsageError) {
    EXPECT_EQ(run({"version", "-o", "xml"}).code, 2);
}

TEST(App, HelpIsNoError) {
    const Ran ran = run({"--help"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.out.find("spend"), std::string::npos);
}

TEST(App, WithoutATerminalItRefusesToGuess) {
    const Ran ran = run({"spend"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("-y"), std::string::npos);
}

TEST(App, YesSkipsTheQuestion) {
    EXPECT_EQ(run({"spend", "--count", "3", "-y"}).out, "3\n");
}

TEST(App, AsksOnATerminal) {
    EXPECT_EQ(run({"spend"}, "n\n", true).out, "no\n");
    EXPECT_EQ(run({"spend"}, "\n", true).out, "1\n");
    EXPECT_EQ(run({"spend", "--count", "-1"}, "\n", true).out, "no\n") << "what destroys";
    EXPECT_EQ(run({"spend", "--count", "-1"}, "y\n", true).out, "-1\n");
}

}  // namespace
}  // namespace herder::cli
