#pragma once
// Replaces secret values in a stream of text that arrives in pieces, also where a value is spread
// over several of them. Pure.
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace herder {

class Redactor {
  public:
    Redactor() = default;
    // `needles` from needles_of.
    explicit Redactor(std::vector<std::string> needles);

    // What may be passed on. The end of the text is held back while it may be the beginning of a
    // value; it comes with a later piece, or with finish().
    std::string feed(std::string_view text);
    std::string finish();

  private:
    std::size_t longest_match(std::size_t at, bool& may_grow) const;
    std::string take(bool is_end);

    std::vector<std::string> needles_;
    std::array<bool, 256> begins_{};  // bytes that a needle begins with
    std::string held_;
};

// The forms in which a value shows up: itself, each of its lines, and both in base64 (with both
// alphabets), percent-encoded and with JSON's escapes. Forms of fewer than 6 bytes are left out.
std::vector<std::string> needles_of(const std::vector<std::string>& values);

// The whole of a text at once.
std::string redact(const std::vector<std::string>& needles, std::string_view text);

}  // namespace herder
