#include "core/step/event_records.h"

#include <utility>
#include <vector>

#include "base/record.h"

namespace herder {

namespace {

struct StoredRow {
    Table table = Table::kMeta;
    std::string key;
    std::optional<std::string> record;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.table);
        v(2, s.key);
        v(3, s.record);
    }
};

struct StoredEvent {
    int version = 0;
    std::uint64_t seq = 0;
    Instant at;
    WallTime wall;
    std::string kind;
    JobId job;
    std::string subject;
    std::vector<std::string> fields;  // name, value, name, value, ...
    std::optional<StoredRow> row;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.version);
        v(2, s.seq);
        v(3, s.at);
        v(4, s.wall);
        v(5, s.kind);
        v(6, s.job);
        v(7, s.subject);
        v(8, s.fields);
        v(9, s.row);
    }
};

StoredRow to_stored(const RowChange& row) {
    return {row.table, row.key, row.record};
}

RowChange from_stored(StoredRow row) {
    return {row.table, std::move(row.key), std::move(row.record)};
}

}  // namespace

std::string encode_row(const RowChange& row) {
    return to_record(to_stored(row));
}

Result<RowChange> decode_row(std::string_view bytes) {
    auto row = from_record<StoredRow>(bytes);
    if (!row) return row.error();
    return from_stored(std::move(*row));
}

std::string encode_event(const Event& event) {
    StoredEvent stored{.version = event.version,
                       .seq = event.seq,
                       .at = event.at,
                       .wall = event.wall,
                       .kind = event.kind,
                       .job = event.job,
                       .subject = event.subject,
                       .fields = {},
                       .row = {}};
    for (const auto& [name, value] : event.fields) {
        stored.fields.push_back(name);
        stored.fields.push_back(value);
    }
    if (event.row) stored.row = to_stored(*event.row);
    return to_record(stored);
}

Result<Event> decode_event(std::string_view bytes) {
    auto stored = from_record<StoredEvent>(bytes);
    if (!stored) return stored.error();
    if (stored->version > kEventVersion) {
        return invalid("event " + std::to_string(stored->seq) + " has version " +
                       std::to_string(stored->version) + ", this program reads up to " +
                       std::to_string(kEventVersion) + "; use a newer one");
    }
    if (stored->version < 1 || stored->fields.size() % 2 != 0) {
        return Error{ErrorCode::kCorrupt, "stored event is malformed"};
    }
    Event event{.seq = stored->seq,
                .version = stored->version,
                .at = stored->at,
                .wall = stored->wall,
                .kind = std::move(stored->kind),
                .job = stored->job,
                .subject = std::move(stored->subject),
                .fields = {},
                .row = {}};
    for (std::size_t i = 0; i < stored->fields.size(); i += 2) {
        event.fields.emplace_back(std::move(stored->fields[i]), std::move(stored->fields[i + 1]));
    }
    if (stored->row) event.row = from_stored(std::move(*stored->row));
    return event;
}

}  // namespace herder
