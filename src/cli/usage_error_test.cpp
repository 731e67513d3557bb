#include "cli/usage_error.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "cli/app.h"

namespace herder::cli {
namespace {

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
};
Ran run(const std::vector<std::string>& arguments) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err, false, false};
    const int code = run_cli(arguments, streams);
    return {code, out.str(), err.str()};
}

using Words = std::vector<std::string>;

TEST(UsageError, NamesTheWordThatIsWrongAndTheNearestOne) {
    const std::map<Words, std::string> wrong = {
        {{"lanuch", "job.yaml"}, "there is no command 'lanuch'; did you mean 'launch'?"},
        {{"profiles", "lnit"}, "'herder profiles' has no command 'lnit'; did you mean 'lint'?"},
        {{"offers", "--max-pirce", "1"},
         "'herder offers' has no flag '--max-pirce'; did you mean '--max-price'?"},
        {{"offers", "--max-pirce=1"}, "did you mean '--max-price'?"},
        {{"offers", "--sever", "x"}, "did you mean '--server'?"},
        {{"jobs", "--output", "json", "--limt", "3"}, "did you mean '--limit'?"},
        {{"-o", "tsv", "-q", "lanuch"}, "did you mean 'launch'?"},
        {{"logs", "j1", "--tail", "0"}, "--tail: Value 0 is no number above 0"},
        {{"frobnicate"}, "there is no command 'frobnicate'"}};
    for (const auto& [arguments, text] : wrong) {
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.code, 2) << text;
        EXPECT_EQ(ran.out, "");
        if (text.front() == 'd')
            EXPECT_NE(ran.err.find(text), std::string::npos) << ran.err;
        else if (arguments != Words{"-o", "json"})
            EXPECT_NE(ran.err.find(text + "\n"), std::string::npos) << ran.err;
    }
}

TEST(UsageError, PointsToTheHelpOfTheCommand) {
    EXPECT_NE(run({"offers", "--wat"}).err.find("herder offers --help"), std::string::npos);
    EXPECT_NE(run({"wat"}).err.find("herder --help"), std::string::npos);
}

TEST(UsageError, SaysWhichCommandsAGroupHas) {
    const Ran ran = run({"profiles"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("'herder profiles' needs one of its commands: ls, lint"),
              std::string::npos)
        << ran.err;
}

TEST(UsageError, LeavesValuesToTheParser) {
    EXPECT_NE(run({"offers", "--limit", "many"}).err.find("--limit"), std::string::npos);
    EXPECT_NE(run({"show"}).err.find("required"), std::string::npos);
    EXPECT_NE(run({"offers", "--market", "flea"}).err.find("flea"), std::string::npos);
}

TEST(UsageError, IsAProblemDocumentWhereJsonIsAskedFor) {
    const Ran ran = run({"offers", "-o", "json", "--wat"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.err.front(), '{');
    EXPECT_NE(ran.err.find(R"("code":)"), std::string::npos) << ran.err;
    EXPECT_TRUE(wants_json({"-ojson"}, ""));
    EXPECT_TRUE(wants_json({}, "jsonl"));
    EXPECT_FALSE(wants_json({"--output=tsv"}, "json"));
}

}  // namespace
}  // namespace herder::cli
