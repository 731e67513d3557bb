#include "config/fields.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

constexpr KeyRule kKeys[] = {
    {"disk"}, {"disk_size", KeyRule::Use::kAlias, "disk"}, {"ports", KeyRule::Use::kNotYet}};
constexpr Section kSection{"resources", kKeys};
constexpr KeyRule kOther[] = {{"max_cost"}};
constexpr Section kFamily[] = {kSection, {"limits", kOther}};

struct Fixture {
    explicit Fixture(const std::string& text)
        : out("f", text), root(std::get<Node>(parse_yaml(text))) {}
    Field field() { return {&root, {}, "", "", &out}; }
    // The only value of the mapping.
    Field value() {
        const Entry& entry = root.entries.at(0);
        return {&entry.value, entry.key_place, entry.key, "/" + entry.key, &out};
    }
    Diagnostics out;
    Node root;
};

TEST(Mapping, FindsAValueByItsAlias) {
    Fixture f("disk_size: 5");
    EXPECT_EQ(Mapping(f.field(), kSection, kFamily).find("disk")->node->text, "5");
    EXPECT_FALSE(f.out.has_errors());
}

TEST(Mapping, NamesWhatIsNotSupportedYet) {
    Fixture f("ports: [80]");
    (void)Mapping(f.field(), kSection, kFamily);
    EXPECT_NE(f.out.to_text().find("'ports' in resources is not supported yet"), std::string::npos);
}

TEST(Mapping, SaysWhereAKeyBelongs) {
    Fixture f("max_cost: 1");
    (void)Mapping(f.field(), kSection, kFamily);
    EXPECT_EQ(f.out.list().at(0).help, "this key belongs under 'limits'");
    EXPECT_EQ(f.out.list().at(0).pointer, "/max_cost");
}

TEST(Field, ReadsMoneyExactly) {
    EXPECT_EQ(Fixture("p: 0.25").value().dollars(), usd_cents(25));
    EXPECT_FALSE(Fixture("p: 0.0000001").value().dollars());
    EXPECT_FALSE(Fixture("p: 1e3").value().dollars());
}

TEST(Field, ReadsReliabilityAsMillionths) {
    EXPECT_EQ(Fixture("r: 0.98").value().parts_per_million(), 980'000);
    EXPECT_EQ(Fixture("r: 1").value().parts_per_million(), 1'000'000);
    EXPECT_FALSE(Fixture("r: 98").value().parts_per_million());
}

TEST(Field, CountsGigabytesInABareSizeAndSecondsInABareDuration) {
    EXPECT_EQ(Fixture("d: 100").value().size(), gigabytes(100));
    EXPECT_EQ(Fixture("d: 90").value().duration(), seconds(90));
    EXPECT_EQ(Fixture("d: 1h30m").value().duration(), minutes(90));
    EXPECT_EQ(Fixture("d: 0.5").value().hours_number(), minutes(30));
}

TEST(Field, EscapesPointers) {
    EXPECT_EQ(pointer_step("a/b~c"), "a~1b~0c");
}

TEST(Field, KnowsNames) {
    EXPECT_TRUE(is_name("llama-lora"));
    EXPECT_FALSE(is_name("-x"));
    EXPECT_FALSE(is_name("A"));
    EXPECT_FALSE(is_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace herder::config
