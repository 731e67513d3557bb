#include "worker/piece_journal.h"

#include <gtest/gtest.h>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

struct PieceJournalTest : ::testing::Test {
    TemporaryFolder folder;
    const std::string path = folder.path() + "/k4.pieces";
    protocol::RestorePlan plan{{4}, {{{"w", Bytes{10}, 7, 0644}, "url"}}};

    std::string text() const {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

TEST_F(PieceJournalTest, TellsTheNextRunWhatIsThere) {
    PieceJournal(path, plan).add({0, 4}, {6, 99});
    plan.files[0].url = "signed anew";
    const PieceJournal next(path, plan);
    ASSERT_EQ(next.pieces().size(), 1U);
    EXPECT_EQ(next.pieces().at({0, 4}), (PieceJournal::Piece{6, 99}));
}

TEST_F(PieceJournalTest, AnotherCheckpointBeginsAnew) {
    PieceJournal(path, plan).add({0, 4}, {6, 99});
    plan.files[0].file.crc32c = 8;
    EXPECT_TRUE(PieceJournal(path, plan).pieces().empty());
    plan.files[0].file.crc32c = 7;
    EXPECT_TRUE(PieceJournal(path, plan).pieces().empty());  // the old notes are gone
}

TEST_F(PieceJournalTest, HalfALineIsNotBelieved) {
    {
        PieceJournal journal(path, plan);
        journal.add({0, 0}, {4, 1});
        journal.add({0, 4}, {6, 123456});
    }
    const std::string whole = text();
    std::ofstream(path) << whole.substr(0, whole.size() - 5);  // "123456 ." became "1234"
    PieceJournal cut(path, plan);
    EXPECT_EQ(cut.pieces().size(), 1U);
    cut.add({0, 4}, {6, 55});
    EXPECT_EQ(PieceJournal(path, plan).pieces().at({0, 4}).crc32c, 55U);
}

TEST_F(PieceJournalTest, GoesAwayAtTheEnd) {
    PieceJournal journal(path, plan);
    journal.add({0, 4}, {6, 99});
    journal.remove();
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace herder
