#include "cli/job_feed.h"

#include <algorithm>
#include <utility>

#include "cli/cells.h"

namespace herder::cli {

namespace {

constexpr std::size_t kEventsAtOnce = 1000;
constexpr std::uint64_t kLogAtOnce = 16 << 20;

}  // namespace

Result<Json::Array> JobFeed::new_events() {
    Json::Array all;
    for (;;) {
        const Result<Json> answer = server_.get(path_ + "/events?after=" + last_event_ +
                                                "&limit=" + std::to_string(kEventsAtOnce));
        if (!answer) return answer.error();
        const Json* items = answer->find("items");
        if (items == nullptr || items->if_array() == nullptr || items->if_array()->empty()) {
            return all;
        }
        all.insert(all.end(), items->if_array()->begin(), items->if_array()->end());
        last_event_ = text_at(items->if_array()->back(), "seq");
        if (items->if_array()->size() < kEventsAtOnce) return all;
    }
}

Result<bool> JobFeed::new_logs(std::int64_t attempts, const OnLog& on_log) {
    bool had_any = false;
    const std::int64_t first = std::max(choice_.first_attempt, oldest_open_);
    const std::int64_t last =
        choice_.last_attempt == 0 ? attempts : std::min(attempts, choice_.last_attempt);
    for (std::int64_t attempt = first; attempt <= last; ++attempt) {
        for (const std::string& stream : choice_.streams) {
            const Result<bool> read_any = read(attempt, stream, on_log);
            if (!read_any) return read_any;
            had_any = had_any || *read_any;
        }
    }
    // Attempts that are yet to come are read from their beginning.
    choice_.tail = 0;
    // The one before the newest may still send its last lines for a while.
    oldest_open_ = std::max(oldest_open_, attempts - 1);
    return had_any;
}

Result<bool> JobFeed::read(std::int64_t attempt, const std::string& stream, const OnLog& on_log) {
    Place& place = places_[{attempt, stream}];
    if (choice_.is_part() && !place.is_found) {
        const Status found = find(attempt, stream, place);
        if (!found) return found.error();
        if (!place.is_found) return false;
    }
    if (place.is_deleted) return false;
    bool had_any = false;
    for (;;) {  // the server gives a long log in parts
        if (place.end && place.offset >= *place.end) return had_any;
        const std::uint64_t before = place.offset;
        std::string target = path_ + "/logs?stream=" + stream +
                             "&attempt=" + std::to_string(attempt) +
                             "&offset=" + std::to_string(place.offset);
        if (place.end) {
            target += "&limit=" +
                      std::to_string(std::min<std::uint64_t>(kLogAtOnce, *place.end - before));
        }
        const Status got = server_.download(target, [&](std::string_view text) {
            place.offset += text.size();
            on_log({attempt, stream, text});
            return ok();
        });
        had_any = had_any || place.offset != before;
        if (!got && got.error().code == ErrorCode::kCorrupt) {
            const Status passed = pass_lost(attempt, stream, place, got.error());
            if (!passed) return passed.error();
            continue;
        }
        // An attempt that has not written anything yet may not have a log.
        if (!got && got.error().code != ErrorCode::kNotFound) return got.error();
        if (!got && !std::exchange(place.is_asked, true))
            (void)find_out_why(attempt, stream, place);
        if (place.offset == before) return had_any;
    }
}

bool JobFeed::note_deleted(const Json& range, std::int64_t attempt, const std::string& stream,
                           Place& place) {
    const std::string at = text_at(range, "deleted_at");
    if (at.empty() || place.is_deleted) return place.is_deleted;
    place.is_deleted = true;
    deleted_.push_back("attempt " + std::to_string(attempt) + ", " + stream +
                       ": the log was deleted on " + printable(at) +
                       " by the rule logs_keep: " + printable(text_at(range, "logs_keep")));
    return true;
}

// Where there is no log it may have been deleted on purpose.
Status JobFeed::find_out_why(std::int64_t attempt, const std::string& stream, Place& place) {
    const Result<Json> answer = server_.get(path_ + "/logs/ranges?stream=" + stream +
                                            "&attempt=" + std::to_string(attempt));
    if (!answer) return answer.error();
    const Json* items = answer->find("items");
    if (items != nullptr && items->if_array() != nullptr && !items->if_array()->empty())
        (void)note_deleted(items->if_array()->front(), attempt, stream, place);
    return ok();
}

// The first range that the server tells of this stream.
Status JobFeed::find(std::int64_t attempt, const std::string& stream, Place& place) {
    std::string target =
        path_ + "/logs/ranges?stream=" + stream + "&attempt=" + std::to_string(attempt);
    if (choice_.since) target += "&since=" + http::percent_encode(*choice_.since);
    if (choice_.until) target += "&until=" + http::percent_encode(*choice_.until);
    if (choice_.tail > 0) target += "&tail=" + std::to_string(choice_.tail);
    const Result<Json> answer = server_.get(target);
    if (!answer) return answer.error();
    const Json* items = answer->find("items");
    const bool is_empty =
        items == nullptr || items->if_array() == nullptr || items->if_array()->empty();
    // Nothing written yet: asked again when there may be something.
    place.is_found = !is_empty;
    if (is_empty) return ok();
    const Json& range = items->if_array()->front();
    if (note_deleted(range, attempt, stream, place)) return ok();
    place.offset = static_cast<std::uint64_t>(number_at(range, "begin"));
    if (choice_.until) place.end = static_cast<std::uint64_t>(number_at(range, "end"));
    return ok();
}

// Goes on behind the stored piece that is lost.
Status JobFeed::pass_lost(std::int64_t attempt, const std::string& stream, Place& place,
                          const Error& error) {
    const Result<Json> answer = server_.get(path_ + "/logs/ranges?stream=" + stream +
                                            "&attempt=" + std::to_string(attempt));
    if (!answer) return answer.error();
    const Json* items = answer->find("items");
    if (items == nullptr || items->if_array() == nullptr || items->if_array()->empty())
        return error;
    const Json* segments = items->if_array()->front().find("segments");
    if (segments == nullptr || segments->if_array() == nullptr) return error;
    for (const Json& segment : *segments->if_array()) {
        const auto end = static_cast<std::uint64_t>(number_at(segment, "end"));
        if (end <= place.offset) continue;
        lost_.push_back(error.message.substr(0, error.message.find('\n')));
        place.offset = end;
        return ok();
    }
    return error;
}

}  // namespace herder::cli
