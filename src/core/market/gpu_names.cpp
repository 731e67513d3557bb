#include "core/market/gpu_names.h"

#include <algorithm>
#include <map>

#include "core/market/gpu_spelling.h"

namespace herder {

namespace {

// Canonical `gpu_name` values of Vast.ai's official client (vastai/data/query.py, 2026-08-06).
constexpr std::string_view kMarketNames[] = {"A10",
                                             "A10g",
                                             "A16",
                                             "A30",
                                             "A40",
                                             "A100 PCIE",
                                             "A100 SXM4",
                                             "A100 SXM",
                                             "A100X",
                                             "A800 PCIE",
                                             "B200",
                                             "GH200 SXM",
                                             "H100 PCIE",
                                             "H100 SXM",
                                             "H100 NVL",
                                             "H200",
                                             "H200 NVL",
                                             "L4",
                                             "L40",
                                             "L40S",
                                             "Tesla K80",
                                             "Tesla M40",
                                             "Tesla P4",
                                             "Tesla P40",
                                             "Tesla P100",
                                             "Tesla T4",
                                             "Tesla V100",
                                             "GTX 1060",
                                             "GTX 1070",
                                             "GTX 1070 Ti",
                                             "GTX 1080",
                                             "GTX 1080 Ti",
                                             "GTX 1660",
                                             "GTX 1660 S",
                                             "GTX 1660 Ti",
                                             "RTX 2060",
                                             "RTX 2060S",
                                             "RTX 2070",
                                             "RTX 2070S",
                                             "RTX 2080",
                                             "RTX 2080S",
                                             "RTX 2080 Ti",
                                             "RTX 3050",
                                             "RTX 3060",
                                             "RTX 3060 laptop",
                                             "RTX 3060 Ti",
                                             "RTX 3070",
                                             "RTX 3070 Ti",
                                             "RTX 3080",
                                             "RTX 3080 Ti",
                                             "RTX 3090",
                                             "RTX 3090 Ti",
                                             "RTX 4060",
                                             "RTX 4060 Ti",
                                             "RTX 4070",
                                             "RTX 4070S",
                                             "RTX 4070S Ti",
                                             "RTX 4070 Ti",
                                             "RTX 4080",
                                             "RTX 4080S",
                                             "RTX 4090",
                                             "RTX 4090D",
                                             "RTX 5060",
                                             "RTX 5060 Ti",
                                             "RTX 5070",
                                             "RTX 5070 Ti",
                                             "RTX 5080",
                                             "RTX 5090",
                                             "Titan RTX",
                                             "Titan V",
                                             "Titan Xp",
                                             "Q RTX 4000",
                                             "Q RTX 5000",
                                             "Q RTX 6000",
                                             "Q RTX 8000",
                                             "Quadro P4000",
                                             "Quadro P5000",
                                             "Quadro P6000",
                                             "RTX A2000",
                                             "RTX A4000",
                                             "RTX A4500",
                                             "RTX A5000",
                                             "RTX A6000",
                                             "RTX 2000Ada",
                                             "RTX 4000Ada",
                                             "RTX 4500Ada",
                                             "RTX 5000Ada",
                                             "RTX 5880Ada",
                                             "RTX 6000Ada",
                                             "RTX PRO 4000",
                                             "RTX PRO 4500",
                                             "RTX PRO 5000",
                                             "RTX PRO 6000",
                                             "RTX PRO 6000 S",
                                             "RTX PRO 6000 WS",
                                             "RTX PRO 6000 Max-Q",
                                             "CMP 50HX",
                                             "CMP 170HX",
                                             "P104-100",
                                             "P106-100",
                                             "InstinctMI50",
                                             "InstinctMI100",
                                             "InstinctMI210",
                                             "InstinctMI250X",
                                             "PRO W6800",
                                             "PRO W7800",
                                             "PRO W7900",
                                             "Radeon VII",
                                             "RX 6800 XT",
                                             "RX 6900 XT",
                                             "RX 7900 XT",
                                             "RX 7900 XTX"};

// One name for several cards that do the same work. "A100 SXM" and "A100 SXM4" are two spellings
// of one card that coexist on the market.
const std::map<std::string, std::vector<std::string>>& families() {
    static const std::map<std::string, std::vector<std::string>> all = {
        {"A100", {"A100_PCIE", "A100_SXM4", "A100_SXM"}},
        {"A100_SXM", {"A100_SXM4", "A100_SXM"}},
        {"A100_SXM4", {"A100_SXM4", "A100_SXM"}},
        {"H100", {"H100_PCIE", "H100_SXM", "H100_NVL"}},
    };
    return all;
}

std::string underscored(std::string_view market) {
    std::string out(market);
    std::replace(out.begin(), out.end(), ' ', '_');
    return out;
}

// Squeezed spelling -> canonical name. Exact names win; shorthands ("4090", "v100") are taken where
// they stand for one card only.
const std::map<std::string, std::string>& spellings() {
    static const std::map<std::string, std::string> all = [] {
        std::map<std::string, std::string> exact;
        std::map<std::string, std::vector<std::string>> shorthand;
        for (const auto& [family, members] : families())
            exact[squeeze_gpu_name(family)] = family;
        for (const std::string_view name : kMarketNames) {
            exact[squeeze_gpu_name(name)] = underscored(name);
            for (const std::string_view prefix : {"RTX ", "GTX ", "Tesla ", "Quadro ", "RX ",
                                                  "Instinct", "PRO ", "Titan ", "CMP "}) {
                if (!name.starts_with(prefix)) continue;
                shorthand[squeeze_gpu_name(name.substr(prefix.size()))].push_back(
                    underscored(name));
            }
        }
        for (const auto& [text, names] : shorthand) {
            if (names.size() == 1) exact.try_emplace(text, names.front());
        }
        return exact;
    }();
    return all;
}

// Levenshtein distance, two rows.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j - 1] + 1, above + 1, diagonal + (a[i - 1] != b[j - 1])});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

const std::vector<std::string>& known_gpu_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const std::string_view name : kMarketNames)
            all.push_back(underscored(name));
        std::sort(all.begin(), all.end());
        return all;
    }();
    return names;
}

std::optional<NamedGpu> parse_gpu(std::string_view text) {
    const auto as_is = spellings().find(squeeze_gpu_name(text));
    if (as_is != spellings().end()) return NamedGpu{.name = as_is->second, .ram_mb_min = 0};
    const GpuSpelling spelling = read_gpu_spelling(text);
    const auto read = spellings().find(squeeze_gpu_name(spelling.words));
    if (read == spellings().end()) return std::nullopt;
    // Below the size of the whole: drivers keep some of it, 24,564 MB of an RTX 4090's 24 GB.
    return NamedGpu{.name = read->second, .ram_mb_min = spelling.ram_mb};
}

std::optional<std::string> parse_gpu_name(std::string_view text) {
    auto gpu = parse_gpu(text);
    if (!gpu || gpu->ram_mb_min > 0) return std::nullopt;
    return std::move(gpu->name);
}

std::string suggest_gpu_name(std::string_view text) {
    constexpr std::size_t kLengthMax = 64;
    const std::string wanted = squeeze_gpu_name(text.substr(0, kLengthMax));
    std::size_t best = wanted.size() / 3 + 1;  // a third of the letters may be wrong
    std::string found;
    for (const auto& [spelling, name] : spellings()) {
        const std::size_t distance = edit_distance(wanted, spelling);
        if (distance < best || (distance == best && found.empty() && wanted.size() > 2)) {
            best = distance;
            found = name;
        }
    }
    return found;
}

std::vector<std::string> gpu_family(const std::string& canonical) {
    const auto at = families().find(canonical);
    return at == families().end() ? std::vector<std::string>{canonical} : at->second;
}

bool gpu_matches(const std::string& requested, const std::string& offered) {
    if (requested.empty() || requested == offered) return true;
    const auto at = families().find(requested);
    return at != families().end() &&
           std::find(at->second.begin(), at->second.end(), offered) != at->second.end();
}

std::string to_market_gpu_name(const std::string& canonical) {
    std::string out = canonical;
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

std::string from_market_gpu_name(const std::string& market) {
    // Glued and spaced forms of one card coexist: "RTX 4070S", "RTX_4070_SUPER". The market's own
    // words for a family's member stay as they are.
    if (const auto known = parse_gpu(market)) return known->name;
    return underscored(market);
}

}  // namespace herder
