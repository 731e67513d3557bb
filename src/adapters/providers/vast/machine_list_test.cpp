#include "adapters/providers/vast/machine_list.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

MachinePage page(const std::vector<std::int64_t>& ids, std::optional<std::int64_t> total,
                 const std::string& token = "") {
    MachinePage page;
    for (const std::int64_t id : ids) {
        InstanceRecord record;
        record.machine.contract = {id};
        page.machines.push_back(record);
    }
    page.found = static_cast<std::int64_t>(ids.size());
    page.total = total;
    page.next_token = token;
    return page;
}

TEST(MachineList, IsCompleteWhenEveryPageFits) {
    MachineList list;
    ASSERT_TRUE(list.add(page({1, 2}, 3, "next")).has_value());
    ASSERT_TRUE(list.add(page({5}, 3)).has_value());
    EXPECT_EQ(list.finish()->size(), 3U);
}

TEST(MachineList, EveryContradictionIsAConflict) {
    MachinePage short_page = page({1}, 1);
    short_page.found = 2;
    for (const MachinePage& torn :
         {page({1}, std::nullopt), page({1, 1}, 2), page({}, 2, "next"), short_page}) {
        MachineList list;
        EXPECT_EQ(list.add(torn).error().code, ErrorCode::kConflict);
    }
    MachineList changed;
    ASSERT_TRUE(changed.add(page({1}, 2, "next")).has_value());
    EXPECT_EQ(changed.add(page({2}, 3)).error().code, ErrorCode::kConflict);
    MachineList missing;
    ASSERT_TRUE(missing.add(page({1}, 2)).has_value());
    EXPECT_EQ(missing.finish().error().code, ErrorCode::kConflict);
    MachineList nothing;
    EXPECT_EQ(nothing.finish().error().code, ErrorCode::kConflict) << "no page was read";
}

TEST(MachineList, TheOldListMustSayHowManyItHolds) {
    EXPECT_EQ(read_whole_list(page({1, 2}, std::nullopt))->size(), 2U);
    EXPECT_TRUE(read_whole_list(page({}, std::nullopt))->empty());
    MachinePage silent = page({1}, std::nullopt);
    silent.found.reset();
    EXPECT_EQ(read_whole_list(silent).error().code, ErrorCode::kConflict);
    MachinePage short_page = page({1}, std::nullopt);
    short_page.found = 3;
    EXPECT_EQ(read_whole_list(short_page).error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace herder::vast
