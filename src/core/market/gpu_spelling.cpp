#include "core/market/gpu_spelling.h"

#include <algorithm>
#include <array>
#include <vector>

namespace herder {

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kLengthMax = 96;

bool is_separator(char c) {
    return c == ' ' || c == '_' || c == '-' || c == '\t' || c == '/';
}

char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Words split_words(std::string_view text) {
    Words words;
    bool inside = false;
    for (const char c : text.substr(0, kLengthMax)) {
        if (is_separator(c)) {
            inside = false;
            continue;
        }
        if (!inside) words.emplace_back();
        inside = true;
        words.back() += lowered(c);
    }
    return words;
}

bool has(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// "80gb" -> 80; 0 for anything else.
std::int64_t gigabytes_of(const std::string& word) {
    if (word.size() < 3 || word.size() > 6 || !word.ends_with("gb")) return 0;
    std::int64_t number = 0;
    for (const char c : word.substr(0, word.size() - 2)) {
        if (c < '0' || c > '9') return 0;
        number = number * 10 + (c - '0');
    }
    return number;
}

void replace(Words& words, std::string_view from, std::string_view to) {
    for (std::string& word : words) {
        if (word == from) word = to;
    }
}

void drop(Words& words, std::string_view word) {
    std::erase_if(words, [word](const std::string& one) { return one == word; });
}

// "4070super", "3060ti": a suffix that is glued on to the number.
void split_suffix(Words& words, std::string_view suffix) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string word = words[i];
        if (word.size() <= suffix.size() || !word.ends_with(suffix)) continue;
        const char before = word[word.size() - suffix.size() - 1];
        if (before < '0' || before > '9') continue;
        words[i] = word.substr(0, word.size() - suffix.size());
        words.insert(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::string(suffix));
        ++i;
    }
}

// The market writes "RTX 4070S Ti" for the RTX 4070 Ti SUPER.
void shorten_super(Words& words) {
    const auto super = std::find(words.begin(), words.end(), "super");
    if (super == words.end()) return;
    if (super != words.begin() && *(super - 1) == "ti") {
        *(super - 1) = "s";
        *super = "ti";
    } else {
        *super = "s";
    }
}

// How a card of one model is mounted, where the market has one name for all of them, or names it
// with a word of its own.
void read_mount(Words& words) {
    if (has(words, "h100")) {
        const bool said = has(words, "pcie") || has(words, "nvl") || has(words, "sxm");
        // The driver's "NVIDIA H100 80GB HBM3" is the SXM card.
        if (!said && has(words, "hbm3")) words.emplace_back("sxm");
    }
    for (const char* model : {"v100", "p100", "h200", "b200", "l4", "l40", "l40s", "t4", "a10"}) {
        if (!has(words, model)) continue;
        for (const char* mount : {"sxm", "sxm4", "pcie"})
            drop(words, mount);
    }
    if (has(words, "gh200") && !has(words, "sxm")) words.emplace_back("sxm");
}

void read_edition(Words& words) {
    if (!has(words, "edition")) return;
    replace(words, "server", "s");
    replace(words, "workstation", "ws");
    if (has(words, "max") || has(words, "maxq")) drop(words, "ws");
    drop(words, "edition");
}

}  // namespace

GpuSpelling read_gpu_spelling(std::string_view text) {
    Words words = split_words(text);
    GpuSpelling spelling;
    for (const std::string& word : words) {
        if (const std::int64_t gb = gigabytes_of(word)) spelling.ram_mb = gb * 1'000;
    }
    std::erase_if(words, [](const std::string& word) { return gigabytes_of(word) > 0; });
    for (const char* noise :
         {"nvidia", "amd", "corporation", "geforce", "gpu", "generation", "blackwell"})
        drop(words, noise);
    split_suffix(words, "super");
    split_suffix(words, "ti");
    shorten_super(words);
    for (const char* mount : {"sxm2", "sxm3", "sxm5", "sxm6"})
        replace(words, mount, "sxm");
    read_mount(words);
    for (const char* memory : {"hbm2", "hbm2e", "hbm3", "hbm3e"})
        drop(words, memory);
    read_edition(words);
    if (has(words, "quadro") && has(words, "rtx")) replace(words, "quadro", "q");
    // AMD's own names begin with Radeon; the market keeps the word only for the Radeon VII.
    if (has(words, "radeon") && (has(words, "rx") || has(words, "pro"))) drop(words, "radeon");
    for (const std::string& word : words)
        spelling.words += (spelling.words.empty() ? "" : " ") + word;
    return spelling;
}

std::string squeeze_gpu_name(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kLengthMax)) {
        if (!is_separator(c)) out += lowered(c);
    }
    return out;
}

}  // namespace herder
