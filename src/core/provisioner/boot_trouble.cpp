#include "core/provisioner/boot_trouble.h"

#include <algorithm>
#include <array>

namespace herder {

namespace {

struct Known {
    std::string_view words;  // lower case
    BootBlame blame;
    std::string_view sentence;  // "@" stands for the image
};

// The first that is found counts, so that the daemon's prefix does not hide its cause.
constexpr std::array<Known, 15> kKnown{{
    {"manifest unknown", BootBlame::kImage,
     "there is no image @: the registry does not know this name or tag"},
    {"pull access denied", BootBlame::kImage,
     "the image @ is private or does not exist: the registry denies the pull"},
    {"repository does not exist", BootBlame::kImage,
     "the image @ is private or does not exist: the registry has no such repository"},
    {"unauthorized", BootBlame::kImage, "the registry wants a login for the image @"},
    {"no matching manifest", BootBlame::kImage, "the image @ is not made for this processor"},
    {"failed to resolve reference", BootBlame::kHost, "the host could not find the image @"},
    {"no space left on device", BootBlame::kHost, "the host's disk is full"},
    {"unexpected eof", BootBlame::kHost, "the pull of the image @ broke off"},
    {"cdi devices", BootBlame::kHost,
     "the host cannot hand its GPUs to a container (CDI devices are not resolved)"},
    {"could not select device driver", BootBlame::kHost,
     "the host has no working GPU driver for containers"},
    {"nvidia-container-cli", BootBlame::kHost, "the host's GPU driver does not start"},
    {"oci runtime create failed", BootBlame::kHost, "the host cannot start the container"},
    {"failed to start containers: c.", BootBlame::kHost, "the host cannot start the container"},
    {"failed to pull image", BootBlame::kHost, "the host could not pull the image @"},
    {"error response from daemon", BootBlame::kHost, "the host's container daemon refuses"},
}};

// Words of the boot script that say that the image lacks something; the others may pass elsewhere.
constexpr std::array<std::string_view, 2> kImageVerdicts{"no_fetcher", "no_hasher"};

constexpr std::size_t kWordsMax = 160;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

std::string fill_in(std::string_view sentence, std::string_view image) {
    std::string out;
    for (const char c : sentence) {
        if (c == '@') {
            out += image;
        } else {
            out += c;
        }
    }
    return out;
}

std::string printable(std::string_view text) {
    std::string out(text.substr(0, kWordsMax));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return out;
}

}  // namespace

std::optional<BootTrouble> read_status_text(std::string_view text, std::string_view image) {
    const std::string words = lower(text);
    for (const Known& known : kKnown) {
        if (words.find(known.words) == std::string::npos) continue;
        return BootTrouble{.blame = known.blame, .sentence = fill_in(known.sentence, image)};
    }
    return std::nullopt;
}

std::optional<BootTrouble> read_boot_log(std::string_view log) {
    constexpr std::string_view kMark = "herder-boot: verdict ";
    const std::size_t at = log.rfind(kMark);
    if (at == std::string_view::npos) return std::nullopt;
    // Reached after all: a server that was away for a moment, or a container that started again.
    if (log.find("herder-boot: fetched", at) != std::string_view::npos) return std::nullopt;
    std::string_view line = log.substr(at + kMark.size());
    line = line.substr(0, line.find('\n'));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view word = line.substr(0, colon);
    const bool image_lacks =
        std::find(kImageVerdicts.begin(), kImageVerdicts.end(), word) != kImageVerdicts.end();
    return BootTrouble{
        .blame = image_lacks ? BootBlame::kImage : BootBlame::kHost,
        .sentence = "the agent could not be started: " + printable(line.substr(colon + 2))};
}

}  // namespace herder
