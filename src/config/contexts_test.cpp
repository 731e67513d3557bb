#include "config/contexts.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

struct Read {
    ContextSpec context;
    std::string said;
};

Read read(const std::string& text) {
    Diagnostics out("contexts/prod.yaml", without_key(text));
    Read result{parse_context(text, out), {}};
    result.said = out.to_text();
    return result;
}

TEST(Contexts, AWholeFileIsReadAndWhatIsWrittenReadsTheSame) {
    const Read prod = read(
        "version: 1\n"
        "key: {file: /srv/it's/prod.key}\n"
        "vast_url: http://127.0.0.1:9\n"
        "listen: 127.0.0.1:8760\n"
        "budgets: budgets.prod.yaml\n"
        "profiles: profiles.prod.yaml\n"
        "storage: s3://runs/prod\n"
        "storage_endpoint: https://minio.example.org\n"
        "logs_keep: 30d\n"
        "artifact_prefix: prod\n"
        "label_prefix: prd1\n"
        "confirm: always\n"
        "max_hourly: 12.5\n");
    EXPECT_EQ(prod.said, "");
    EXPECT_EQ(prod.context.key_file, "/srv/it's/prod.key");
    EXPECT_EQ(prod.context.confirm, ConfirmRule::kAlways);
    EXPECT_EQ(prod.context.hourly_max, UsdPerHour{12'500'000});
    EXPECT_EQ(prod.context.label_prefix, "prd1");
    EXPECT_EQ(prod.context.storage, "s3://runs/prod");
    EXPECT_EQ(prod.context.storage_endpoint, "https://minio.example.org");
    EXPECT_EQ(prod.context.logs_keep, "30d");
    const Read again = read(write_context(prod.context));
    EXPECT_EQ(again.said, "");
    EXPECT_EQ(again.context, prod.context);
}

TEST(Contexts, AnEmptyFileIsAContextWithTheDefaults) {
    EXPECT_EQ(read("").said, "");
    EXPECT_EQ(read("").context, ContextSpec{});
}

TEST(Contexts, LogsAreKeptForATimeOrForEver) {
    EXPECT_EQ(parse_logs_keep("30d").value(), days(30));
    EXPECT_EQ(parse_logs_keep("1h").value(), hours(1));
    for (const char* forever : {"", "forever"})
        EXPECT_EQ(parse_logs_keep(forever).value(), std::nullopt);
    for (const char* wrong : {"59m", "never", "0", "40000d", "-1d"}) {
        EXPECT_FALSE(parse_logs_keep(wrong)) << wrong;
        EXPECT_NE(read("logs_keep: '" + std::string(wrong) + "'\n").said.find("logs_keep: 30d"),
                  std::string::npos)
            << wrong;
    }
}

TEST(Contexts, EveryFaultIsToldWhereItStands) {
    const std::string said = read(
                                 "kee: {file: a}\n"
                                 "label_prefix: production\n"
                                 "confirm: sometimes\n"
                                 "max_hourly: -1\n"
                                 "artifact_prefix: ../other\n")
                                 .said;
    for (const char* expected :
         {"contexts/prod.yaml:1:1: error: unknown key 'kee'", "did you mean 'key'?",
          "contexts/prod.yaml:2:15: error: 'production' is not four characters",
          "contexts/prod.yaml:3:10: error:", "contexts/prod.yaml:4:13: error:",
          "contexts/prod.yaml:5:18: error: '../other' is no name"}) {
        EXPECT_NE(said.find(expected), std::string::npos) << expected << " in\n" << said;
    }
}

TEST(Contexts, AKeyInTheFileIsRefusedInWordsThatDoNotRepeatIt) {
    const Read prod = read("key: 0123456789abcdef-the-secret\n");
    EXPECT_NE(prod.said.find("prod.yaml:1:6: error: the key itself does not belong here"),
              std::string::npos)
        << prod.said;
    EXPECT_EQ(prod.said.find("the-secret"), std::string::npos) << prod.said;
    EXPECT_TRUE(prod.context.key_file.empty());
}

TEST(Contexts, AKeyHasOneSource) {
    EXPECT_NE(read("key: {file: a, variable: B}\n").said.find("not from both"), std::string::npos);
}

}  // namespace
}  // namespace herder::config
