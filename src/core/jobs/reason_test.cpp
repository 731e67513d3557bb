#include "core/jobs/reason.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <vector>

namespace herder {
namespace {

// Stored numbers: 8 and 9 were never given out.
std::vector<EndReason> all_reasons() {
    std::vector<EndReason> all;
    for (int i = 1; i <= 23; ++i) {
        if (i != 8 && i != 9) all.push_back(static_cast<EndReason>(i));
    }
    return all;
}

TEST(Reason, EveryReasonHasAUniqueWordAndASentence) {
    std::set<std::string> words;
    std::set<std::string> sentences;
    for (const EndReason reason : all_reasons()) {
        const std::string word = to_string(reason);
        EXPECT_NE(word, "unknown") << static_cast<int>(reason);
        for (const char c : word)
            EXPECT_TRUE(std::islower(c) != 0 || c == '_') << word;
        EXPECT_TRUE(words.insert(word).second) << word;
        const std::string sentence = explain(reason);
        EXPECT_NE(sentence, "unknown") << word;
        EXPECT_NE(sentence.back(), '.') << sentence;
        EXPECT_TRUE(sentences.insert(sentence).second) << sentence;
    }
}

TEST(Reason, KindsDecideWhoPaysForTheRetry) {
    EXPECT_EQ(kind_of(EndReason::kSucceeded), ReasonKind::kSuccess);
    for (const EndReason reason :
         {EndReason::kUserError, EndReason::kOutOfMemoryGpu, EndReason::kOutOfMemoryHost,
          EndReason::kNanLoss, EndReason::kStalled, EndReason::kDiskFull}) {
        EXPECT_EQ(kind_of(reason), ReasonKind::kUserCode) << to_string(reason);
    }
    for (const EndReason reason :
         {EndReason::kMaxDuration, EndReason::kBudget, EndReason::kCancelled, EndReason::kPaused}) {
        EXPECT_EQ(kind_of(reason), ReasonKind::kDecision) << to_string(reason);
    }
    int infrastructure = 0;
    for (const EndReason reason : all_reasons())
        infrastructure += kind_of(reason) == ReasonKind::kInfrastructure ? 1 : 0;
    EXPECT_EQ(infrastructure, 10);
}

TEST(Reason, OnlyInfrastructureIsBlamedOnTheHost) {
    for (const EndReason reason : all_reasons()) {
        if (blames_host(reason)) {
            EXPECT_EQ(kind_of(reason), ReasonKind::kInfrastructure) << to_string(reason);
        }
    }
    EXPECT_TRUE(blames_host(EndReason::kHostLost));
    EXPECT_FALSE(blames_host(EndReason::kNoCapacity));
    EXPECT_FALSE(blames_host(EndReason::kProviderError));
}

}  // namespace
}  // namespace herder
