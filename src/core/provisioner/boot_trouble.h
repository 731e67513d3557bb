#pragma once
// What the words of a host's daemon, or of our own boot script, mean for a machine that does not
// come up: told in a sentence, and who is to blame. Vast.ai has no terminal state for a start that
// failed; only its free text tells (API reference, sections 2.9 and 4.8, 2026-08). Pure.
#include <optional>
#include <string>
#include <string_view>

namespace herder {

enum class BootBlame {
    kHost,   // another machine will do
    kImage,  // no machine will: the job's image is wrong
};

struct BootTrouble {
    BootBlame blame = BootBlame::kHost;
    std::string sentence;
    bool operator==(const BootTrouble&) const = default;
};

// Nothing if the text tells of no failure. `image`: as the job names it, for the sentence.
std::optional<BootTrouble> read_status_text(std::string_view text, std::string_view image);

// The newest verdict in a machine's log ("herder-boot: verdict WORD: why", protocol/boot_script).
std::optional<BootTrouble> read_boot_log(std::string_view log);

}  // namespace herder
