#include "core/worker/contact.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

const Instant kStart{seconds(100).us};

TEST(Contact, HasNoLeaseBeforeTheFirstAnswer) {
    Contact contact;
    contact.start(kStart, 1);
    EXPECT_FALSE(contact.has_lease(kStart));
    EXPECT_EQ(contact.compute_until(), kNever);
    EXPECT_EQ(contact.dead_man_at(), kStart + minutes(30));
}

TEST(Contact, ALateAnswerNeverShortensTheLease) {
    Contact contact;
    contact.start(kStart, 1);
    contact.sent(kStart, 1);
    contact.sent(kStart + seconds(10), 2);
    EXPECT_TRUE(contact.answered(kStart + seconds(11), 2, kStart + seconds(10), {}));
    EXPECT_FALSE(contact.answered(kStart + seconds(12), 1, kStart, {}));
    EXPECT_EQ(contact.lease_until(), kStart + seconds(70));
}

TEST(Contact, NewsDoesNotShortenTheBackoff) {
    Contact contact;
    contact.start(kStart, 1);
    contact.sent(kStart, 1);
    contact.failed(kStart, 1);
    const Instant due = contact.report_due();
    EXPECT_GT(due, kStart);
    contact.hurry(kStart);
    EXPECT_EQ(contact.report_due(), due);
}

}  // namespace
}  // namespace herder
