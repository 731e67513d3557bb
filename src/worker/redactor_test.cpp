#include "worker/redactor.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"

namespace herder {
namespace {

const std::string kSecret = "hf_AbCdEf-0123456789";

TEST(Redactor, ReplacesAValueWhereverItStands) {
    const auto needles = needles_of({kSecret});
    EXPECT_EQ(redact(needles, kSecret), "***");
    EXPECT_EQ(redact(needles, "token=" + kSecret + "\n" + kSecret + "!"), "token=***\n***!");
    EXPECT_EQ(redact(needles, kSecret.substr(1)), kSecret.substr(1));
    EXPECT_EQ(redact({}, kSecret), kSecret);
}

TEST(Redactor, SeesAValueAcrossEveryBorder) {
    const auto needles = needles_of({kSecret, "another-value"});
    const std::string text = "ahf_" + kSecret + "x" + kSecret + kSecret + " another-value";
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            Redactor redactor(needles);
            std::string out = redactor.feed(std::string_view(text).substr(0, first));
            out += redactor.feed(std::string_view(text).substr(first, second - first));
            out += redactor.feed(std::string_view(text).substr(second));
            out += redactor.finish();
            ASSERT_EQ(out, "ahf_***x****** ***") << first << " " << second;
        }
    }
}

TEST(Redactor, HoldsBackOnlyWhatMayBeAValue) {
    Redactor redactor(needles_of({kSecret}));
    EXPECT_EQ(redactor.feed("step 1\nhf"), "step 1\n");
    EXPECT_EQ(redactor.feed(" is fine"), "hf is fine");
    EXPECT_EQ(redactor.feed("hf_"), "");
    EXPECT_EQ(redactor.finish(), "hf_");
}

TEST(Redactor, ALongerValueThatBeginsLikeAShorterOneIsReplacedWhole) {
    const auto needles = needles_of({"secret-value", "secret-value-and-more"});
    Redactor redactor(needles);
    EXPECT_EQ(redactor.feed("secret-value"), "");
    EXPECT_EQ(redactor.feed("-and-more."), "***.");
    EXPECT_EQ(redact(needles, "secret-value-and-less"), "***-and-less");
}

TEST(Redactor, KnowsOtherFormsOfAValue) {
    const std::string value = "p\"ss/wörd+0123456789";
    const auto needles = needles_of({value});
    EXPECT_EQ(redact(needles, R"({"k":"p\"ss/wörd+0123456789"})"), R"({"k":"***"})");
    EXPECT_EQ(redact(needles, "?k=p%22ss%2Fw%C3%B6rd%2B0123456789&"), "?k=***&");
    for (const std::string before : {"", "a", "ab", "user:"}) {
        const std::string encoded = to_base64url(before + value + "tail");
        EXPECT_NE(redact(needles, encoded).find("***"), std::string::npos) << before;
    }
}

TEST(Redactor, EachLineOfAKeyCounts) {
    const auto needles = needles_of({"-----BEGIN-----\nMIIBVAIBADANBg\nabcdefgh\n-----END-----\n"});
    EXPECT_EQ(redact(needles, "line MIIBVAIBADANBg of it"), "line *** of it");
}

// Random text and cuts: a value never comes through, and nothing else is lost.
TEST(Redactor, NeverLetsAValueThrough) {
    std::uint64_t random = 7;
    const auto below = [&](std::uint64_t limit) { return (random = mix64(random + 1)) % limit; };
    for (int round = 0; round < 300; ++round) {
        const std::string value = "ababac" + std::string(1 + below(3), 'a');
        Redactor redactor({value});
        std::string text;
        for (std::uint64_t n = below(30); n > 0; --n)
            text += below(4) == 0 ? value : std::string(1, static_cast<char>('a' + below(3)));
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t size = 1 + below(5);
            out += redactor.feed(std::string_view(text).substr(at, size));
            at += size;
        }
        out += redactor.finish();
        ASSERT_EQ(out.find(value), out.npos) << text;
        ASSERT_EQ(out, redact({value}, text));
    }
}

}  // namespace
}  // namespace herder
