#include "protocol/output_hashes.h"

#include <sstream>

#include "base/confined_path.h"

namespace herder::protocol {

namespace {

constexpr std::size_t kHashDigits = 64;
const std::string kFolder = "outputs/";

}  // namespace

std::string to_text(const OutputHashes& hashes) {
    std::string text;
    for (const auto& [path, hash] : hashes)
        text += hash + "  " + kFolder + path + "\n";
    return text;
}

Result<OutputHashes> parse_output_hashes(const std::string& text) {
    if (text.size() > kOutputHashesSizeMax) return invalid("the list of hashes is too long");
    OutputHashes hashes;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const std::string hash = line.substr(0, kHashDigits);
        const std::size_t path_at = kHashDigits + 2 + kFolder.size();
        const bool is_good = line.size() > path_at &&
                             hash.find_first_not_of("0123456789abcdef") == std::string::npos &&
                             line.substr(kHashDigits, path_at - kHashDigits) == "  " + kFolder &&
                             is_confined_path(line.substr(path_at));
        if (!is_good)
            return invalid("the line '" + line.substr(0, 200) +
                           "' is no hash of an output as sha256sum writes it");
        hashes[line.substr(path_at)] = hash;
    }
    return hashes;
}

}  // namespace herder::protocol
