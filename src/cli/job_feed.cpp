#include "cli/job_feed.h"

#include <algorithm>

#include "cli/cells.h"

namespace herder::cli {

namespace {

constexpr std::size_t kEventsAtOnce = 1000;

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

Result<bool> JobFeed::new_logs(std::int64_t attempts,
                               const std::function<Status(std::string_view piece)>& on_piece) {
    bool had_any = false;
    const std::int64_t first = std::max(choice_.first_attempt, oldest_open_);
    const std::int64_t last =
        choice_.last_attempt == 0 ? attempts : std::min(attempts, choice_.last_attempt);
    for (std::int64_t attempt = first; attempt <= last; ++attempt) {
        for (const std::string& stream : choice_.streams) {
            std::uint64_t& offset = offsets_[{attempt, stream}];
            std::uint64_t before = 0;
            do {  // the server gives a long log in parts
                before = offset;
                const Status got = server_.download(path_ + "/logs?stream=" + stream +
                                                        "&attempt=" + std::to_string(attempt) +
                                                        "&offset=" + std::to_string(offset),
                                                    [&](std::string_view piece) {
                                                        offset += piece.size();
                                                        return on_piece(piece);
                                                    });
                // An attempt that has not written anything yet may not have a log.
                if (!got && got.error().code != ErrorCode::kNotFound) return got.error();
                had_any = had_any || offset != before;
            } while (offset != before);
        }
    }
    // The one before the newest may still send its last lines for a while.
    oldest_open_ = std::max(oldest_open_, attempts - 1);
    return had_any;
}

}  // namespace herder::cli
