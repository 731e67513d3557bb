#include "core/monitor/witness.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace herder {
namespace {

using Word = ProviderWord;
using Contact = AgentContact;
using R = EndReason;
using Verdict = std::optional<EndReason>;

constexpr Verdict kWait = std::nullopt;
constexpr std::array kContacts{Contact::kHeard, Contact::kMissedBeats, Contact::kSuspected,
                               Contact::kLongSilent};

// Provider's word x contact with the agent -> what the machine is given up for, and the words that
// tell it.
struct Row {
    Word word;
    std::array<Verdict, 4> by_contact;
    const char* told;
};

const std::array<Row, 9> kTable{{
    {Word::kNothing, {kWait, kWait, kWait, kWait}, ""},
    {Word::kRunning, {kWait, kWait, kWait, R::kAgentLost}, "silent while others are heard"},
    {Word::kStarting, {kWait, kWait, kWait, R::kAgentLost}, "silent while others are heard"},
    {Word::kStopped, {kWait, R::kPreempted, R::kPreempted, R::kPreempted}, "pays more"},
    {Word::kQueued, {kWait, R::kPreempted, R::kPreempted, R::kPreempted}, "hours later"},
    {Word::kEnded, {kWait, R::kContractEnd, R::kContractEnd, R::kContractEnd}, "has ended"},
    {Word::kOffline, {kWait, kWait, R::kHostLost, R::kHostLost}, "costs nothing"},
    {Word::kFailed, {kWait, kWait, R::kHostLost, R::kHostLost}, "does not start again"},
    {Word::kAbsent, {kWait, kWait, R::kHostLost, R::kHostLost}, "lists it no more"},
}};

TEST(Witness, EveryProviderWordWithEveryContactLeadsToItsActionAndSentence) {
    for (const Row& row : kTable) {
        for (std::size_t i = 0; i < kContacts.size(); ++i) {
            const MachineVerdict verdict = judge(row.word, kContacts[i]);
            SCOPED_TRACE("word " + std::to_string(static_cast<int>(row.word)) + ", contact " +
                         std::to_string(i));
            EXPECT_EQ(verdict.lost, row.by_contact[i]);
            const std::string sentence = verdict.sentence;
            EXPECT_EQ(sentence.empty(), !verdict.lost) << "whoever is given up is told why";
            if (verdict.lost) EXPECT_NE(sentence.find(row.told), std::string::npos) << sentence;
        }
    }
}

// Before the agent joined: word, age, how long queued or offline -> given up for.
TEST(Witness, EveryProviderWordOfAMachineThatBootsLeadsToItsAction) {
    struct Boot {
        Word word;
        Duration age;
        Duration odd_for;
        Verdict lost;
    };
    for (const Boot& row : {
             Boot{Word::kNothing, hours(1), {}, kWait},
             Boot{Word::kStarting, hours(1), {}, kWait},
             Boot{Word::kRunning, hours(1), {}, kWait},
             Boot{Word::kAbsent, hours(1), {}, kWait},
             // A fresh machine may read "stopped" for a moment (vast-api Q31).
             Boot{Word::kStopped, seconds(29), {}, kWait},
             Boot{Word::kStopped, seconds(30), {}, R::kPreempted},
             Boot{Word::kEnded, seconds(29), {}, kWait},
             Boot{Word::kEnded, seconds(30), {}, R::kContractEnd},
             Boot{Word::kQueued, minutes(5), seconds(29), kWait},
             Boot{Word::kQueued, minutes(5), seconds(30), R::kPreempted},
             Boot{Word::kOffline, minutes(5), seconds(119), kWait},
             Boot{Word::kOffline, minutes(5), seconds(120), R::kHostLost},
             // The daemon's words are acted on at once, whatever the deadline.
             Boot{Word::kFailed, {}, {}, R::kAdmissionFailed},
         }) {
        const MachineVerdict verdict = judge_boot(row.word, row.age, row.odd_for, {});
        SCOPED_TRACE(static_cast<int>(row.word));
        EXPECT_EQ(verdict.lost, row.lost);
        EXPECT_EQ(std::string(verdict.sentence).empty(), !verdict.lost);
    }
}

Contact contact_after(Duration silent, bool others_heard = true, bool provider_heard = true) {
    return contact_of({.silent = silent,
                       .word = Word::kRunning,
                       .others_heard = others_heard,
                       .provider_heard = provider_heard},
                      {});
}

TEST(Witness, SilenceCountsByItsLength) {
    EXPECT_EQ(contact_after({}), Contact::kHeard);
    EXPECT_EQ(contact_after(seconds(19)), Contact::kHeard);
    EXPECT_EQ(contact_after(seconds(20)), Contact::kMissedBeats);
    EXPECT_EQ(contact_after(seconds(29)), Contact::kMissedBeats);
    EXPECT_EQ(contact_after(seconds(30)), Contact::kSuspected);
    EXPECT_EQ(contact_after(seconds(179)), Contact::kSuspected);
    EXPECT_EQ(contact_after(minutes(3)), Contact::kLongSilent);
}

TEST(Witness, LongSilenceCountsOnlyWhileOthersAndTheProviderAreHeard) {
    EXPECT_EQ(contact_after(hours(5), false, true), Contact::kSuspected);
    EXPECT_EQ(contact_after(hours(5), true, false), Contact::kSuspected);
}

}  // namespace
}  // namespace herder
