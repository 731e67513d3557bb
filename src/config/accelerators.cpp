#include "config/accelerators.h"

#include <algorithm>

#include "core/market/gpu_names.h"

namespace herder::config {

namespace {

constexpr int kGpusMax = 64;
constexpr const char* kForms = "write for example RTX_4090, A100:4, A100:80GB:1 or 24GB+";

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(':', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

// "80GB" or "80GB+": both mean at least.
std::optional<std::int64_t> parse_ram_mb(std::string text) {
    if (text.ends_with('+')) text.pop_back();
    if (!text.ends_with("GB") && !text.ends_with("GiB")) return std::nullopt;
    text.resize(text.find('G'));
    const bool digits = !text.empty() && text.size() <= 4 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return std::nullopt;
    return std::stoll(text) * 1000;  // the market counts an 80 GB card as 81,920 MB or a bit less
}

std::optional<int> parse_count(const std::string& text) {
    const bool digits = !text.empty() && text.size() <= 3 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return std::nullopt;
    const int count = std::stoi(text);
    if (count < 1 || count > kGpusMax) return std::nullopt;
    return count;
}

bool is_vendor(const std::string& text) {
    return text == "NVIDIA" || text == "nvidia" || text == "AMD" || text == "amd";
}

// {A100: 1}: the name may carry the memory, the value is the count.
std::optional<Accelerator> read_entry(const Field& entry) {
    std::optional<Accelerator> one = read_accelerator(entry, entry.key);
    const std::optional<std::int64_t> count = entry.integer(1, kGpusMax);
    if (!one || !count) return std::nullopt;
    one->count = static_cast<int>(*count);
    return one;
}

}  // namespace

std::string canonical_gpu(const Field& field, const std::string& name) {
    if (const auto known = parse_gpu_name(name)) return *known;
    const auto sized = parse_gpu(name);
    const std::string near = sized ? sized->name : suggest_gpu_name(name);
    field.warning("GPU '" + name + "' is not known to this version",
                  near.empty() ? "" : "did you mean '" + near + "'?");
    std::string canonical = name;
    std::replace(canonical.begin(), canonical.end(), ' ', '_');
    return canonical;
}

std::optional<Accelerator> read_accelerator(const Field& field, const std::string& text) {
    if (text.find("..") != std::string::npos) {
        field.error("ranges such as '" + text + "' are not supported yet", kForms);
        return std::nullopt;
    }
    std::vector<std::string> parts = split(text);
    Accelerator found;
    std::size_t next = 0;
    if (const auto ram = parse_ram_mb(parts[0])) {
        found.ram_mb_min = *ram;
        next = 1;
    } else if (!parts[0].empty()) {
        if (const auto known = parse_gpu(parts[0])) {
            found.gpu_name = known->name;
            found.ram_mb_min = known->ram_mb_min;  // "A100-80GB"
        } else if (!is_vendor(parts[0])) {
            found.gpu_name = canonical_gpu(field, parts[0]);
        }
        next = 1;
        if (next < parts.size()) {
            if (const auto after = parse_ram_mb(parts[next])) {
                found.ram_mb_min = *after;
                ++next;
            }
        }
    }
    std::optional<int> count = 1;
    if (next < parts.size()) count = parse_count(parts[next++]);
    if (next == 0 || next != parts.size() || !count) {
        field.error("'" + text + "' does not name GPUs", kForms);
        return std::nullopt;
    }
    found.count = *count;
    return found;
}

std::vector<Accelerator> read_accelerators(const Field& field) {
    std::vector<Accelerator> all;
    if (field.node->is_sequence()) {
        field.error("a list of accelerators is not supported yet",
                    "where any of them will do, write {A100: 1, H100: 1} or any_of");
        return all;
    }
    if (!field.node->is_mapping()) {
        const auto text = field.text();
        if (!text) return all;
        if (const auto one = read_accelerator(field, *text)) all.push_back(*one);
        return all;
    }
    for (const Field& entry : field.entries()) {
        if (const auto one = read_entry(entry)) all.push_back(*one);
    }
    if (field.node->entries.empty()) field.error("'accelerators' is empty", kForms);
    return all;
}

std::optional<Market> read_market(const Field& field) {
    if (field.key == "use_spot") {
        const auto spot = field.boolean();
        if (!spot) return std::nullopt;
        return *spot ? Market::kSpot : Market::kOnDemand;
    }
    const auto word = field.word({"on-demand", "spot", "auto"});
    if (!word) return std::nullopt;
    if (*word == "spot") return Market::kSpot;
    return *word == "auto" ? Market::kAuto : Market::kOnDemand;
}

const char* to_string(Market market) {
    switch (market) {
        case Market::kAuto:
            return "auto";
        case Market::kSpot:
            return "spot";
        case Market::kOnDemand:
            return "on-demand";
    }
    return "auto";
}

}  // namespace herder::config
