#include "config/yaml.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

Node tree(const std::string& text) {
    auto parsed = parse_yaml(text);
    if (const auto* error = std::get_if<YamlError>(&parsed)) {
        ADD_FAILURE() << error->message;
        return {};
    }
    return std::get<Node>(std::move(parsed));
}

YamlError problem(const std::string& text) {
    auto parsed = parse_yaml(text);
    const auto* error = std::get_if<YamlError>(&parsed);
    return error == nullptr ? YamlError{} : *error;
}

TEST(Yaml, KnowsWhereKeysAndValuesStand) {
    const Node root = tree("a: 1\nbc:\n  - x\n  - {d: yes}\n");
    ASSERT_EQ(root.entries.size(), 2U);
    EXPECT_EQ(root.entries[1].key_place, (Place{2, 1, 2}));
    EXPECT_EQ(root.entries[1].value.items[1].entries[0].value.place, (Place{4, 9, 3}));
}

TEST(Yaml, TakesBooleansOfVersion12Only) {
    const Node root = tree("[yes, no, on, off, true, False, 'true', n]");
    std::vector<bool> booleans;
    for (const Node& item : root.items)
        booleans.push_back(item.is_bool());
    EXPECT_EQ(booleans, (std::vector<bool>{false, false, false, false, true, true, false, false}));
}

TEST(Yaml, TellsNumbersFromText) {
    const Node root = tree("[1, -2, 1.5, 1e3, '1', 1h, .5, ., ~]");
    std::vector<bool> numbers;
    for (const Node& item : root.items)
        numbers.push_back(item.is_number());
    EXPECT_EQ(numbers,
              (std::vector<bool>{true, true, true, true, false, false, true, false, false}));
}

TEST(Yaml, RefusesADuplicateKeyAndNamesBothLines) {
    const YamlError error = problem("a: 1\nb: 2\na: 3\n");
    EXPECT_EQ(error.place, (Place{3, 1, 1}));
    EXPECT_NE(error.help.find("line 1"), std::string::npos);
}

TEST(Yaml, HasLimits) {
    EXPECT_NE(problem(std::string(kYamlBytesMax + 1, ' ')).message, "");
    const auto deep = static_cast<std::size_t>(kYamlDepthMax + 10);
    EXPECT_NE(problem(std::string(deep, '[') + std::string(deep, ']')).message, "");
}

TEST(Yaml, AnEmptyTextIsAnEmptyMapping) {
    EXPECT_TRUE(tree("").is_mapping());
    EXPECT_TRUE(tree("# only a comment\n").is_mapping());
}

TEST(Yaml, SurvivesNonsense) {
    for (const char* text :
         {"[", "}", "a: b: c", "\"", "&a *a", "? [", "%YAML 9", "\x01", "- - -"}) {
        (void)parse_yaml(text);
    }
}

TEST(SetPath, WinsOverWhatIsThereAndMakesWhatIsMissing) {
    Node root = tree("resources: {disk: 10GB}\n");
    ASSERT_TRUE(set_path(root, "resources.disk", "20GB"));
    ASSERT_TRUE(set_path(root, "limits.max_cost", "5"));
    EXPECT_EQ(root.entries[0].value.entries[0].value.text, "20GB");
    EXPECT_TRUE(root.entries[1].value.entries[0].value.is_integer());
}

// libfyaml 0.7.12 never returns from such a byte in a directive (found by fuzzing, 2026-11-24).
TEST(Yaml, RefusesBytesThatAreNoTextBeforeTheLibrarySeesThem) {
    EXPECT_EQ(problem("%%\x8F\n").place, (Place{1, 3, 1}));
    EXPECT_NE(problem("name: a\x03").message.find("control character"), std::string::npos);
}

TEST(SetPath, RefusesAPathThroughAValue) {
    Node root = tree("run: x\n");
    EXPECT_FALSE(set_path(root, "run.more", "1"));
    EXPECT_FALSE(set_path(root, "", "1"));
}

}  // namespace
}  // namespace herder::config
