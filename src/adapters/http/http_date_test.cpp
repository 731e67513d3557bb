#include "adapters/http/http_date.h"

#include <gtest/gtest.h>

namespace herder::http {
namespace {

TEST(HttpDate, ReadsAndWritesTheFormOfHeaders) {
    const WallTime time{1'369'353'600'000'000};
    EXPECT_EQ(to_http_date(time), "Fri, 24 May 2013 00:00:00 GMT");
    EXPECT_EQ(parse_http_date("Fri, 24 May 2013 00:00:00 GMT"), time);
    EXPECT_EQ(parse_http_date(to_http_date(WallTime{time.us + 999'999})), time) << "whole seconds";
}

TEST(HttpDate, RefusesWhatIsNoDate) {
    for (const char* text : {"", "yesterday", "Fri, 24 May 2013 00:00:00 CET",
                             "Fri, 24 May 2013 00:00:00 GMT x", "Fri, 41 May 2013 00:00:00 GMT"})
        EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace herder::http
