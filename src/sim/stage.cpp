#include "sim/stage.h"

#include <cstdio>

namespace herder::sim {

namespace {

constexpr std::size_t kTailLines = 60;
constexpr std::size_t kViolationsMax = 20;

std::uint64_t hash_text(const char* text) {
    std::uint64_t h = 1469598103934665603ULL;
    for (; *text != 0; ++text)
        h = (h ^ static_cast<unsigned char>(*text)) * 1099511628211ULL;
    return h;
}

}  // namespace

std::string to_text(const TraceLine& line) {
    std::string text = to_text(line.at - Instant{});
    text += std::string(" ") + line.what;
    if (line.a != 0) text += " " + std::to_string(line.a);
    if (line.b != 0) text += " " + std::to_string(line.b);
    if (!line.text.empty()) text += " " + line.text;
    return text;
}

void Stage::mix(const char* what, std::uint64_t a, std::uint64_t b) {
    hash = mix64(hash ^ static_cast<std::uint64_t>(now().us) ^ hash_text(what)) + mix64(a) + b;
}

void Stage::note(const char* what, std::uint64_t a, std::uint64_t b, const std::string& text) {
    mix(what, a, b);
    if (tail.size() >= kTailLines) {
        // The oldest line gives its memory to the newest.
        tail.push_back(std::move(tail.front()));
        tail.pop_front();
    } else {
        tail.emplace_back();
    }
    TraceLine& line = tail.back();
    line.at = now();
    line.what = what;
    line.a = a;
    line.b = b;
    line.text = text;
    if (tracing) std::printf("%s\n", to_text(tail.back()).c_str());
}

void Stage::violate(const char* invariant, std::string detail) {
    if (!judged_by.empty() && judged_by != invariant) return;
    note("VIOLATION", 0, 0, std::string(invariant) + ": " + detail);
    if (violations.size() < kViolationsMax)
        violations.push_back({invariant, std::move(detail), now()});
}

}  // namespace herder::sim
