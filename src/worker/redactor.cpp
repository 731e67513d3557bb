#include "worker/redactor.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"

namespace herder {
namespace {

constexpr std::size_t kFormMin = 6;
constexpr std::string_view kMask = "***";

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

std::string percent_encoded(const std::string& text) {
    std::string out;
    for (const char c : text) {
        std::string hex = to_hex(std::string(1, c));
        std::transform(hex.begin(), hex.end(), hex.begin(),
                       [](char d) { return d >= 'a' ? static_cast<char>(d - 'a' + 'A') : d; });
        out += is_unreserved(c) ? std::string(1, c) : "%" + hex;
    }
    return out;
}

std::string json_escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += std::string("\\") + c;
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else
            out += c;
    }
    return out;
}

std::string standard_alphabet(std::string text) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    return text;
}

// Inside of a longer text that is encoded as a whole the value stands at one of three offsets; the
// characters that its neighbours have a part in are cut off.
void add_base64(const std::string& text, std::set<std::string>& forms) {
    for (std::size_t offset = 0; offset < 3; ++offset) {
        std::string encoded = to_base64url(std::string(offset, '\0') + text);
        encoded.erase(0, offset == 0 ? 0 : offset + 1);
        if ((offset + text.size()) % 3 != 0) encoded.pop_back();
        if (encoded.size() < kFormMin + 2) continue;
        forms.insert(encoded);
        forms.insert(standard_alphabet(encoded));
    }
}

void add_forms(const std::string& text, std::set<std::string>& forms) {
    if (text.size() < kFormMin) return;
    forms.insert(text);
    forms.insert(percent_encoded(text));
    forms.insert(json_escaped(text));
    add_base64(text, forms);
}

}  // namespace

std::vector<std::string> needles_of(const std::vector<std::string>& values) {
    std::set<std::string> forms;
    for (const std::string& value : values) {
        add_forms(value, forms);
        for (std::size_t begin = 0; begin < value.size();) {
            const std::size_t end = std::min(value.find('\n', begin), value.size());
            add_forms(value.substr(begin, end - begin), forms);
            begin = end + 1;
        }
    }
    return {forms.begin(), forms.end()};
}

Redactor::Redactor(std::vector<std::string> needles) : needles_(std::move(needles)) {
    for (const std::string& needle : needles_)
        begins_[static_cast<unsigned char>(needle.front())] = true;
}

// The length of the longest needle that stands at `at`, 0 for none. `may_grow`: what is there is
// the beginning of a longer one.
std::size_t Redactor::longest_match(std::size_t at, bool& may_grow) const {
    std::size_t longest = 0;
    const std::string_view rest = std::string_view(held_).substr(at);
    for (const std::string& needle : needles_) {
        if (rest.starts_with(needle)) {
            longest = std::max(longest, needle.size());
        } else if (rest.size() < needle.size() && std::string_view(needle).starts_with(rest)) {
            may_grow = true;
        }
    }
    return longest;
}

std::string Redactor::take(bool is_end) {
    std::string out;
    std::size_t at = 0;
    while (at < held_.size()) {
        bool may_grow = false;
        const bool is_start = begins_[static_cast<unsigned char>(held_[at])];
        const std::size_t found = is_start ? longest_match(at, may_grow) : 0;
        if (may_grow && !is_end) break;
        if (found > 0) {
            out += kMask;
            at += found;
        } else {
            out += held_[at++];
        }
    }
    held_.erase(0, at);
    return out;
}

std::string Redactor::feed(std::string_view text) {
    if (needles_.empty()) return std::string(text);
    held_ += text;
    return take(false);
}

std::string Redactor::finish() {
    return take(true);
}

std::string redact(const std::vector<std::string>& needles, std::string_view text) {
    Redactor whole(needles);
    std::string out = whole.feed(text);
    return out + whole.finish();
}

}  // namespace herder
