#include "engine/fold_events.h"

#include <algorithm>

namespace herder {

namespace {

constexpr std::size_t kPage = 10'000;

Error corrupt(std::string message) {
    return {ErrorCode::kCorrupt, std::move(message)};
}

std::string name_of(const std::pair<Table, std::string>& key) {
    return std::string(to_string(key.first)) + " " + key.second;
}

}  // namespace

void fold_event(const Event& event, Tables& tables) {
    if (!event.row) return;
    const std::pair key{event.row->table, event.row->key};
    if (event.row->record) {
        tables.insert_or_assign(key, *event.row->record);
    } else {
        tables.erase(key);
    }
}

Result<Tables> fold_events(Store& store) {
    Tables tables;
    std::uint64_t newest = 0;
    for (std::size_t seen = kPage; seen == kPage;) {
        seen = 0;
        const Status read = store.read_events(newest, kPage, [&](const Event& event) -> Status {
            if (event.seq != newest + 1) {
                return corrupt("the event after " + std::to_string(newest) + " has number " +
                               std::to_string(event.seq));
            }
            fold_event(event, tables);
            newest = event.seq;
            ++seen;
            return ok();
        });
        if (!read) return read.error().with_context("replaying the event log");
    }
    return tables;
}

Result<Tables> read_tables(Store& store) {
    Tables tables;
    const Status read = store.load([&tables](const RowChange& row) {
        tables.insert_or_assign({row.table, row.key}, row.record.value_or(""));
        return ok();
    });
    if (!read) return read.error();
    return tables;
}

Status check_log_against_tables(Store& store) {
    const auto folded = fold_events(store);
    if (!folded) return folded.error();
    const auto stored = read_tables(store);
    if (!stored) return stored.error();
    if (*folded == *stored) return ok();
    for (const auto& [key, record] : *folded) {
        const auto found = stored->find(key);
        if (found == stored->end()) return corrupt("only the log has row " + name_of(key));
        if (found->second != record) return corrupt("log and table differ in row " + name_of(key));
    }
    for (const auto& [key, record] : *stored) {
        if (!folded->contains(key)) return corrupt("only the table has row " + name_of(key));
    }
    return ok();
}

}  // namespace herder
