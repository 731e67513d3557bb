#include "cli/list_view.h"

#include <gtest/gtest.h>

#include <array>
#include <sstream>

namespace herder::cli {
namespace {

constexpr std::array<ViewColumn, 2> kColumns{
    {{"ID", "id"}, {"COST", "cost", true, [](const Json& item, const Look&) {
                        return money_cell(text_at(item, "cost"));
                    }}}};
const ListView kView{kColumns, "nothing there"};

Json::Array items() {
    Json one{Json::Object{}};
    one.set("id", "j1").set("cost", "1.5").set("more", 7);
    return {one};
}

std::string printed(Format format) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    const GlobalOptions options;
    Output output(out, err, {.format = format});
    Context context{options, streams, output};
    print_items(context, items(), kView);
    return out.str();
}

TEST(ListView, PeopleSeeRoundedCellsProgramsWholeFields) {
    EXPECT_EQ(printed(Format::kTable), "ID   COST\nj1  $1.50\n");
    EXPECT_EQ(printed(Format::kTsv), "id\tcost\nj1\t1.5\n");
    EXPECT_EQ(printed(Format::kName), "j1\n");
}

TEST(ListView, JsonIsTheServersOwnWithAllFields) {
    EXPECT_EQ(printed(Format::kJson), "[{\"id\":\"j1\",\"cost\":\"1.5\",\"more\":7}]\n");
    EXPECT_EQ(printed(Format::kJsonLines), "{\"id\":\"j1\",\"cost\":\"1.5\",\"more\":7}\n");
}

}  // namespace
}  // namespace herder::cli
