#include "s3d/xml.h"

#include <gtest/gtest.h>

namespace herder::s3d {
namespace {

TEST(Xml, IsWrittenEscaped) {
    XmlWriter xml;
    xml.open("A", "xmlns=\"u\"").leaf("B", "x<&>\"y").open("C");
    EXPECT_EQ(
        xml.finish(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A xmlns=\"u\"><B>x&lt;&amp;&gt;&quot;y</B>"
        "<C></C></A>");
}

TEST(Xml, RecordsAreRead) {
    const auto good = xml_records(
        "<?xml version='1.0'?>\n<C "
        "xmlns='u'><s3:Part><PartNumber>1</PartNumber><ETag>&quot;a&amp;b&quot;</ETag></s3:Part>"
        "<Part><PartNumber>2</PartNumber><Empty/></Part></C>",
        "Part");
    ASSERT_TRUE(good) << good.error().message;
    ASSERT_EQ(good->size(), 2U);
    EXPECT_EQ(good->at(0).at(1), (std::pair<std::string, std::string>("ETag", "\"a&b\"")));
    EXPECT_EQ(good->at(1).at(0).second, "2");
}

TEST(Xml, BrokenDocumentsAreRefused) {
    for (const char* text : {"<a", "<a><b></a>", "<a>", "</a>"})
        EXPECT_FALSE(xml_records(text, "a")) << text;
}

}  // namespace
}  // namespace herder::s3d
