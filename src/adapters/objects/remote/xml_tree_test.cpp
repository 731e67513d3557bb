#include "adapters/objects/remote/xml_tree.h"

#include <gtest/gtest.h>

namespace herder::remote {
namespace {

TEST(XmlTree, ReadsATree) {
    const auto root = parse_xml(
        "<?xml version=\"1.0\"?>\n<!-- c --><List xmlns=\"u\">\n <Name>a &amp; b&#x2F;&#233;</Name>"
        "<s:Item><K>1</K></s:Item><s:Item><K>2</K></s:Item><Empty/></List>");
    ASSERT_TRUE(root) << root.error().message;
    EXPECT_EQ(root->name, "List");
    EXPECT_EQ((*root)["Name"], "a & b/\xC3\xA9");
    EXPECT_EQ(root->children.size(), 4U);
    EXPECT_EQ(root->children[2]["K"], "2");
    EXPECT_EQ((*root)["Empty"], "");
    EXPECT_EQ(root->child("None")["Deeper"], "");
}

// A Complete may send blanks for minutes before its answer.
TEST(XmlTree, BlanksMayComeFirst) {
    EXPECT_EQ(parse_xml("\n\n  \n<?xml version='1.0'?>\n<A/>")->name, "A");
}

TEST(XmlTree, RefusesWhatItDoesNotRead) {
    for (const char* text : {"", "text", "<a>", "<a></b>", "<a>&no;</a>", "<a>&amp</a>", "<a",
                             "<!DOCTYPE a><a/>", "<a>&#x110000;</a>", "<?xml"}) {
        EXPECT_EQ(parse_xml(text).error().code, ErrorCode::kCorrupt) << text;
    }
    std::string deep;
    for (int i = 0; i < 100; ++i)
        deep += "<a>";
    EXPECT_FALSE(parse_xml(deep));
}

TEST(XmlTree, AnErrorIsNoEmptyAnswer) {
    EXPECT_EQ(parse_answer("<Error><Code>InternalError</Code></Error>").error().code,
              ErrorCode::kUnavailable);
    EXPECT_TRUE(parse_answer("<ListBucketResult/>"));
}

TEST(XmlTree, EscapesText) {
    EXPECT_EQ(escape_xml("<a&\"b\">"), "&lt;a&amp;&quot;b&quot;&gt;");
}

}  // namespace
}  // namespace herder::remote
