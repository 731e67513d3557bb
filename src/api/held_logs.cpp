#include "api/held_logs.h"

#include <algorithm>
#include <charconv>

#include "api/log_files.h"
#include "api/log_segments.h"
#include "protocol/layout.h"

namespace herder::api {

namespace {

constexpr std::size_t kObjectsMax = 100'000;

struct Place {
    std::uint64_t attempt = 0;
    std::string stream;
};

// Of "<attempt>/logs/<stream>/..."; nothing for what is no piece of a log.
std::optional<Place> parse_place(const std::string& below) {
    Place place;
    const char* const end = below.data() + below.size();
    const auto [at, error] = std::from_chars(below.data(), end, place.attempt);
    const std::string folder = "/logs/";
    const auto begin = static_cast<std::size_t>(at - below.data());
    if (error != std::errc() || below.compare(begin, folder.size(), folder) != 0) return {};
    const std::size_t name = begin + folder.size();
    const std::size_t slash = below.find('/', name);
    if (slash == std::string::npos) return {};
    place.stream = below.substr(name, slash - name);
    return is_stream(place.stream) ? std::optional(place) : std::nullopt;
}

}  // namespace

Result<HeldLogs> find_held_logs(ObjectStore& objects, const std::string& team, JobId job) {
    const std::string prefix = protocol::attempts_prefix(team, job);
    const auto listed = objects.list(prefix, kObjectsMax);
    if (!listed) return listed.error().with_context("listing " + prefix);
    HeldLogs held;
    for (const ObjectInfo& one : *listed) {
        const auto place = parse_place(one.key.substr(prefix.size()));
        if (!place) continue;
        held.attempts[place->attempt][place->stream].push_back(one.key);
        const std::string folder = one.key.substr(0, one.key.rfind('/') + 1);
        const auto segment = parse_segment_key(folder, one.key);
        const WallTime began = segment ? segment->began : WallTime{};
        held.newest = std::max({held.newest, began, one.modified.value_or(WallTime{})});
        if (one.modified)
            held.newest_stored = std::max(held.newest_stored.value_or(WallTime{}), *one.modified);
    }
    return held;
}

}  // namespace herder::api
