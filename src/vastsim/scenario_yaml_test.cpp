#include "vastsim/scenario_yaml.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

TEST(ScenarioYaml, ReadsYamlAndJsonAsTheSameValue) {
    const auto yaml = parse_yaml(
        "# a comment\nname: calm\nmachines: 48\nimage_pull_s: [6, 15.5]\n"
        "events:\n  - do: prices\n    gpu: \"4090\"\n    on: true\n    x: ~\n");
    ASSERT_TRUE(yaml) << yaml.error().message;
    EXPECT_EQ(yaml->to_text(), R"({"name":"calm","machines":48,"image_pull_s":[6,15.5],)"
                               R"("events":[{"do":"prices","gpu":"4090","on":true,"x":null}]})");
    EXPECT_EQ(parse_yaml(yaml->to_text()).value(), *yaml);
}

TEST(ScenarioYaml, RefusesWhatIsNotText) {
    EXPECT_FALSE(parse_yaml("name: \xFF\n"));
    EXPECT_FALSE(parse_yaml("name: \xC3"));
    EXPECT_FALSE(parse_yaml(std::string_view("a: \0b", 5)));
    EXPECT_TRUE(parse_yaml("name: caf\xC3\xA9\n"));
}

TEST(ScenarioYaml, NamesTheLineOfAMistake) {
    const auto broken = parse_yaml("a: 1\nb: [1, 2\nc: 3\n");
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message.find("line "), std::string::npos) << broken.error().message;
    EXPECT_FALSE(parse_yaml("a: &x 1\nb: *x\n"));
}

}  // namespace
}  // namespace herder::vastsim
