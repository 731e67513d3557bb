#include "adapters/http/url.h"

#include <gtest/gtest.h>

namespace herder::http {
namespace {

TEST(Url, SplitsSchemeHostPortAndTarget) {
    const Result<Url> url = parse_url("https://Console.Example.org:8443/api/v0?x=1");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "console.example.org");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/api/v0?x=1");
    EXPECT_EQ(url->text(), "https://console.example.org:8443/api/v0?x=1");
}

TEST(Url, KnowsUsualPortsAndBareHosts) {
    EXPECT_EQ(parse_url("https://a")->port, 443);
    EXPECT_EQ(parse_url("http://a?b=c")->target, "/?b=c");
    EXPECT_EQ(parse_url("http://[::1]:81/")->authority(), "[::1]:81");
    EXPECT_EQ(parse_url("http://a:80/")->authority(), "a");
}

TEST(Url, RefusesWhatIsMalformed) {
    for (const char* text :
         {"", "ftp://a/", "http://", "http://a b/", "http://user:pass@a/", "http://a:0/",
          "http://a:65536/", "http://a:/", "http://[::1", "http://[::1]x/", "http://[zz]/",
          "http://a/#f", "http://a/\r\nX: y", "http://a_b!/"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
    EXPECT_FALSE(parse_url("http://a/" + std::string(kUrlSizeMax, 'x')));
}

TEST(Percent, RoundTripsEveryByte) {
    std::string all;
    for (int i = 0; i < 256; ++i)
        all += static_cast<char>(i);

    EXPECT_EQ(percent_decode(percent_encode(all)).value(), all);
    EXPECT_EQ(percent_encode("a b/c"), "a%20b%2Fc");
    EXPECT_EQ(percent_encode_path("a b/c"), "a%20b/c");
}

TEST(Percent, RefusesBrokenEscapes) {
    for (const char* text : {"%", "%1", "a%zz", "%1g"})
        EXPECT_FALSE(percent_decode(text)) << text;
    EXPECT_EQ(percent_decode("%41").value(), "A");
    EXPECT_EQ(percent_decode("a+b").value(), "a+b");
}

TEST(Query, DecodesInOrder) {
    const Result<Query> query = Query::parse("a=1&b=x+y%26&a=2&flag&&");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->get("a"), "1");
    EXPECT_EQ(query->get_all("a"), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(query->get("b"), "x y&");
    EXPECT_EQ(query->get("flag"), "");
    EXPECT_EQ(query->get("none"), std::nullopt);
    EXPECT_EQ(query->text(), "a=1&b=x%20y%26&a=2&flag=");
}

TEST(Query, RefusesBrokenEscapesAndTooMany) {
    EXPECT_FALSE(Query::parse("a=%"));
    std::string many;
    for (std::size_t i = 0; i <= kQueryParametersMax; ++i)
        many += "a&";
    EXPECT_FALSE(Query::parse(many));
}

}  // namespace
}  // namespace herder::http
