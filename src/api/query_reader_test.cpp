#include "api/query_reader.h"

#include <gtest/gtest.h>

namespace herder::api {
namespace {

Request with(std::map<std::string, std::string> query) {
    Request request;
    request.query = std::move(query);
    return request;
}

TEST(QueryReader, TakesTheFallbackOnlyForWhatIsAbsent) {
    const Request request = with({{"limit", "7"}, {"follow", "true"}, {"by", "day"}});
    QueryReader query(request);
    EXPECT_EQ(query.number("limit", 50, 1, 1000), 7);
    EXPECT_EQ(query.number("offset", 3, 0, 1000), 3);
    EXPECT_TRUE(query.flag("follow", false));
    EXPECT_TRUE(query.flag("all", true));
    EXPECT_EQ(query.word("by", "job", {"job", "day"}), "day");
    EXPECT_EQ(query.word("market", "auto", {"auto", "spot"}), "auto");
    EXPECT_TRUE(query.is_good());
}

TEST(QueryReader, LowersWhatIsTooMuch) {
    const Request request = with({{"limit", "5000"}});
    QueryReader query(request);
    EXPECT_EQ(query.number("limit", 50, 1, 1000), 1000);
    EXPECT_TRUE(query.is_good());
}

TEST(QueryReader, GathersAllThatIsWrong) {
    const Request request =
        with({{"limit", "many"}, {"offset", "-1"}, {"follow", "yes"}, {"by", "dya"}, {"x", "1e3"}});
    QueryReader query(request);
    EXPECT_EQ(query.number("limit", 50, 1, 1000), 50);
    (void)query.number("offset", 0, 0, 10);
    (void)query.number("x", 0, 0, 10);
    EXPECT_FALSE(query.flag("follow", false));
    (void)query.word("by", "job", {"job", "project", "day"});
    const Problem problem = query.problem();
    ASSERT_EQ(problem.complaints.size(), 5U);
    EXPECT_EQ(problem.error.message, "limit 'many' is not a whole number of at least 1");
    EXPECT_EQ(problem.complaints[0].pointer, "?limit");
    EXPECT_EQ(problem.complaints[4].message, "by 'dya' is not known; use job, project or day");
    EXPECT_EQ(problem.complaints[4].suggestion, "day");
}

TEST(QueryReader, ReadsTimesAndHowLongAgo) {
    const WallTime now{1'795'466'880'000'000};  // 2026-11-23T20:48:00Z
    const Request request = with({{"since", "1h30m"}, {"until", "2026-11-23T20:40:00Z"}});
    QueryReader query(request);
    EXPECT_EQ(query.time("since", now)->us, now.us - minutes(90).us);
    EXPECT_EQ(query.time("until", now)->us, now.us - minutes(8).us);
    EXPECT_FALSE(query.time("tail", now).has_value());
    EXPECT_TRUE(query.is_good());
    for (const char* bad : {"", "yesterday", "-1h", "2026-11-23", "99999999999d"}) {
        const Request wrong = with({{"since", bad}});
        QueryReader reader(wrong);
        EXPECT_FALSE(reader.time("since", now).has_value()) << bad;
        EXPECT_FALSE(reader.is_good()) << bad;
    }
}

}  // namespace
}  // namespace herder::api
