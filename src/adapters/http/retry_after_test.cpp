#include "adapters/http/retry_after.h"

#include <gtest/gtest.h>

namespace herder::http {
namespace {

Duration of(const std::string& value, const std::string& date = "") {
    Headers headers;
    headers.set("Retry-After", value);
    if (!date.empty()) headers.set("Date", date);
    return retry_after(headers);
}

TEST(RetryAfter, IsReadInSeconds) {
    EXPECT_EQ(of("17"), seconds(17));
    EXPECT_EQ(of("0"), Duration{});
    EXPECT_EQ(of("999999999999"), hours(24));
    EXPECT_EQ(retry_after(Headers{}), Duration{});
}

TEST(RetryAfter, ADateIsComparedWithTheServersOwn) {
    EXPECT_EQ(of("Sat, 28 Nov 2026 10:00:30 GMT", "Sat, 28 Nov 2026 10:00:00 GMT"), seconds(30));
    EXPECT_EQ(of("Sat, 28 Nov 2026 09:00:00 GMT", "Sat, 28 Nov 2026 10:00:00 GMT"), Duration{});
    EXPECT_EQ(of("Sat, 28 Nov 2026 10:00:30 GMT"), Duration{});
}

TEST(RetryAfter, WhatIsNeitherIsNone) {
    for (const char* text : {"", "-5", "soon", "5 s", "1e3", "99999999999999999999"})
        EXPECT_EQ(of(text), Duration{}) << text;
}

}  // namespace
}  // namespace herder::http
