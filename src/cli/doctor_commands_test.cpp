#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

int lines_beginning_with(const std::string& word, const std::string& text) {
    int count = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        count += line.starts_with(word) ? 1 : 0;
    return count;
}

TEST(DoctorCommands, NamesAGroupOnceForPeopleAndAlwaysForPrograms) {
    const FakeServer server;
    EXPECT_EQ(lines_beginning_with("local", server.run({"doctor"}, "", true).out), 1);
    EXPECT_EQ(lines_beginning_with("local", server.run({"doctor"}).out), 4);
}

TEST(DoctorCommands, EndsWithOneWhenSomethingIsBad) {
    const FakeServer server;
    const Ran ran = server.run({"doctor", "-o", "json"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.out.find(R"("health": "bad")"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace herder::cli
