#include "api/log_store.h"

#include <algorithm>

#include "base/digest.h"
#include "base/gzip_text.h"
#include "base/log.h"
#include "protocol/layout.h"

namespace herder::api {

namespace {

constexpr std::size_t kPackedMax = static_cast<std::size_t>(kSegmentSize) + (1 << 16);
constexpr std::size_t kSegmentsMax = 100'000;
constexpr WallTime kLater{INT64_MAX / 2};

std::string range_of(const LogSegment& segment) {
    return "bytes " + std::to_string(segment.begin) + " to " + std::to_string(segment.end) +
           " of this log";
}

Error lost(const LogSegment& segment, const std::string& why) {
    return {ErrorCode::kCorrupt, range_of(segment) + " are lost: " + why};
}

// When the byte at `offset` was written; 0 where nothing tells.
WallTime time_at(const std::vector<LogMark>& marks, std::int64_t offset) {
    WallTime time;
    for (const LogMark& mark : marks) {
        if (mark.offset > offset) break;
        time = mark.first;
    }
    return time;
}

// "out" of "j1/2.out".
std::string part_of(const std::string& base) {
    return base.substr(base.rfind('.') + 1);
}

constexpr const char* kParts[] = {"out", "err", "system", "metrics"};

// Of each stream of the attempt.
std::vector<LogName> streams_of(const LogName& of_attempt) {
    std::vector<LogName> names;
    for (const char* part : kParts)
        names.push_back({of_attempt.attempt, part, of_attempt.team});
    return names;
}

std::string prefix_of(const LogName& name, const std::string& base) {
    return protocol::log_prefix(name.team, name.attempt, part_of(base));
}

std::vector<LogMark> marks_of(const LogIndex& index) {
    std::vector<LogMark> marks;
    for (const LogSegment& segment : index.stored) {
        if (segment.began.us == 0) continue;
        if (!marks.empty()) marks.back().last = segment.began;
        marks.push_back({segment.begin, segment.began, kLater});
    }
    return marks;
}

}  // namespace

LogStore::LogStore(Options options, ObjectStore& objects)
    : options_(std::move(options)), files_(options_.files), objects_(objects) {}

Result<std::int64_t> LogStore::append(const LogName& name, const LogChunk& chunk) {
    Result<std::int64_t> end = files_.append(name, chunk);
    if (!end) return end;
    const std::string base = LogFiles::base_of(name).value_or("");
    const std::lock_guard lock(mutex_);
    const auto [one, is_new] = waiting_.try_emplace(base, 0);
    // Only to know when it is worth while: settle() counts.
    one->second += static_cast<std::int64_t>(chunk.data.size());
    if (is_new && !files_.index(base)) prefixes_[base] = prefix_of(name, base);
    return end;
}

std::int64_t LogStore::size(const LogName& name) const {
    const Result<std::string> base = LogFiles::base_of(name);
    return base ? files_.size(*base) : 0;
}

std::optional<std::string> LogStore::read_here(const LogName& name, std::int64_t offset,
                                               std::size_t limit) const {
    const Result<std::string> base = LogFiles::base_of(name);
    return base ? files_.read(*base, offset, limit) : std::string();
}

Result<std::string> LogStore::read(const LogName& name, std::int64_t offset, std::size_t limit) {
    const Result<std::string> base = LogFiles::base_of(name);
    if (!base) return base.error();
    // Twice: an unfinished piece may be replaced by a longer one meanwhile.
    for (int tries = 0;; ++tries) {
        if (std::optional<std::string> here = files_.read(*base, offset, limit)) return *here;
        const Result<LogIndex> found = index(name);
        if (!found) return found.error();
        if (found->deletion) return not_found(describe(*found->deletion));
        const LogSegment* segment = found->find(offset);
        if (segment == nullptr) return std::string();
        const Result<Text> text = fetch(*found, *segment);
        if (text) return (*text)->substr(static_cast<std::size_t>(offset - segment->begin), limit);
        if (tries > 0 || index(name).value_or(LogIndex{}) == *found) return text.error();
    }
}

Result<LogIndex> LogStore::index(const LogName& name) {
    const Result<std::string> base = LogFiles::base_of(name);
    if (!base) return base.error();
    if (std::optional<LogIndex> known = files_.index(*base)) return *known;
    return look_up(prefix_of(name, *base), *base);
}

// A backup that was put back knows less of the store than the store has. A hole in what the store
// has where this disk has bytes is not taken up.
Status LogStore::find_again(const LogName& name) {
    const Result<std::string> base = LogFiles::base_of(name);
    if (!base) return base.error();
    const std::string prefix = prefix_of(name, *base);
    const auto listed = objects_.list(prefix, kSegmentsMax);
    if (!listed) return listed.error().with_context("looking for the log in the artifact store");
    const LogIndex found = index_of(prefix, *listed);
    const auto is_lost = [](std::int64_t size) {
        return [size](const LogSegment& one) { return one.sha256.empty() && one.begin < size; };
    };
    return files_.change_index(*base, [&](LogIndex& index, std::int64_t size) {
        const bool is_worse = std::any_of(found.stored.begin(), found.stored.end(), is_lost(size));
        if (index.deletion) return;
        if (index.prefix.empty() || (found.stored_end() > size && !is_worse)) index = found;
    });
}

Result<LogIndex> LogStore::look_up(const std::string& prefix, const std::string& base) {
    const auto listed = objects_.list(prefix, kSegmentsMax);
    if (!listed) return listed.error().with_context("looking for the log in the artifact store");
    LogIndex found = index_of(prefix, *listed);
    const auto note = note_of(prefix);
    if (!note) return note.error();
    if (*note && (*note)->streams.contains(part_of(base))) {
        found = LogIndex{prefix, 0, {}, (*note)->deletion};
        found.deletion->is_done = listed->empty();
    }
    const Status saved = files_.change_index(base, [&](LogIndex& index, std::int64_t) {
        // Somebody may have begun it meanwhile.
        if (index.prefix.empty()) index = found;
        found = index;
    });
    if (!saved) return saved.error();
    return found;
}

Result<std::vector<LogMark>> LogStore::marks(const LogName& name) {
    const Result<std::string> base = LogFiles::base_of(name);
    if (!base) return base.error();
    std::vector<LogMark> marks = files_.marks(*base);
    if (!marks.empty()) return marks;
    const Result<LogIndex> found = index(name);
    if (!found) return found.error();
    return marks_of(*found);
}

Result<LogStore::Text> LogStore::fetch(const LogIndex& index, const LogSegment& segment) {
    if (segment.sha256.empty())
        return lost(segment, "the artifact store has no piece of it that holds them");
    const std::string key = key_of(index, segment);
    {
        const std::lock_guard lock(mutex_);
        if (cached_key_ == key) return cached_text_;
    }
    const Result<std::string> packed = objects_.get(key, kPackedMax);
    if (!packed && packed.error().code == ErrorCode::kNotFound) {
        return lost(segment, "the object " + key +
                                 " is not in the artifact store any more; look whether somebody, "
                                 "or a life cycle rule of the bucket, has deleted it");
    }
    if (!packed)
        return packed.error().with_context(range_of(segment) +
                                           " are in the artifact store, which does not give them");
    Result<std::string> unpacked =
        gunzip_text(*packed, static_cast<std::size_t>(segment.end - segment.begin));
    if (!unpacked || !is_of(segment, *unpacked))
        return lost(segment,
                    "the object " + key + " does not have the hash that it was stored with");
    auto text = std::make_shared<const std::string>(std::move(*unpacked));
    const std::lock_guard lock(mutex_);
    cached_key_ = key;
    cached_text_ = text;
    return text;
}

std::vector<LogStore::Waiting> LogStore::waiting() const {
    std::vector<Waiting> all;
    const std::lock_guard lock(mutex_);
    for (const auto& [base, bytes] : waiting_)
        all.push_back({base, bytes});
    return all;
}

std::int64_t LogStore::unstored(const std::string& base) const {
    const auto index = files_.index(base);
    return index && !index->prefix.empty() ? files_.size(base) - index->stored_end() : 0;
}

// A log whose index is damaged or gone would never get into the store otherwise: nothing if nobody
// knows any more where its pieces are.
Result<std::optional<LogIndex>> LogStore::index_or_heal(const std::string& base) {
    if (auto known = files_.index(base)) return known;
    std::string prefix;
    {
        const std::lock_guard lock(mutex_);
        const auto told = prefixes_.find(base);
        if (told != prefixes_.end()) prefix = told->second;
    }
    if (prefix.empty()) prefix = files_.find_prefix(base).value_or("");
    if (prefix.empty()) {
        log_error("logs.index_not_healed", {{"log", base}});
        return std::optional<LogIndex>();
    }
    Result<LogIndex> found = look_up(prefix, base);
    if (!found) return found.error();
    log_info("logs.index_healed",
             {{"log", base}, {"pieces", std::to_string(found->stored.size())}});
    return std::optional<LogIndex>(std::move(*found));
}

Status LogStore::store_next(const std::string& base, bool closes) {
    const auto healed = index_or_heal(base);
    if (!healed) return healed.error();
    const std::optional<LogIndex>& index = *healed;
    if (index && index->deletion) {
        // Told to be deleted, and then the server died before its text here was.
        files_.erase(base);
        return settle(base), ok();
    }
    const std::int64_t size = files_.size(base);
    if (!index || index->prefix.empty() || size <= index->stored_end()) return settle(base), ok();
    const std::int64_t begin = index->next_begin();
    std::string text = files_.read(base, begin, kSegmentSize).value_or("");
    const auto end_of = [&] { return begin + static_cast<std::int64_t>(text.size()); };
    if (end_of() <= index->stored_end()) {
        log_error("logs.unreadable", {{"log", base}});
        const std::lock_guard lock(mutex_);
        waiting_.erase(base);  // one that cannot be read must not hold up the others
        prefixes_.erase(base);
        return ok();
    }
    const bool is_full = text.size() == static_cast<std::size_t>(kSegmentSize);
    // A piece never takes the place of a longer one.
    const std::size_t cut = closed_size(text);
    if (is_full && begin + static_cast<std::int64_t>(cut) > index->stored_end()) text.resize(cut);
    LogSegment segment{begin, end_of(), time_at(files_.marks(base), begin), sha256_hex(text),
                       is_full || closes};
    return put_piece(base, *index, std::move(segment), text);
}

Status LogStore::put_piece(const std::string& base, const LogIndex& before, LogSegment segment,
                           const std::string& text) {
    const std::string key = key_of(before, segment);
    if (auto put = objects_.put(key, gzip_text(text), false); !put)
        return put.error().with_context("storing " + key);
    std::string replaced;
    bool has_old = false;  // that leaves this disk
    const Status saved = files_.change_index(base, [&](LogIndex& index, std::int64_t size) {
        if (index.prefix.empty()) index = before;  // it was damaged meanwhile
        // What was found again in the store meanwhile may hold it already.
        if (index.next_begin() != segment.begin || index.stored_end() >= segment.end) return;
        if (!index.stored.empty() && !index.stored.back().is_closed) {
            replaced = key_of(index, index.stored.back());
            index.stored.pop_back();
        }
        index.stored.push_back(segment);
        const std::int64_t out = std::min(index.next_begin(), size - options_.tail);
        has_old = out > index.local_begin;
        index.local_begin = std::max(index.local_begin, out);
    });
    if (!saved) return saved;
    if (has_old) files_.drop(base, false);
    // If it stays, its bytes are there twice, and a listing takes the longer one.
    const Status removed = replaced.empty() ? ok() : objects_.remove(replaced);
    if (!removed)
        log_warn("logs.piece_left", {{"object", replaced}, {"why", removed.error().message}});
    settle(base);
    return ok();
}

void LogStore::settle(const std::string& base) {
    const std::lock_guard lock(mutex_);
    const std::int64_t left = unstored(base);
    if (left > 0) {
        waiting_[base] = left;
    } else {
        waiting_.erase(base);
    }
    prefixes_.erase(base);
}

Status LogStore::move_out(const std::string& base) {
    for (std::int64_t left = unstored(base); left > 0;) {
        if (auto stored = store_next(base, true); !stored) return stored;
        const std::int64_t now_left = unstored(base);
        if (now_left >= left) return ok();  // it cannot be read
        left = now_left;
    }
    const auto known = files_.index(base);
    if (!known || known->prefix.empty()) return ok();
    const Status moved = files_.change_index(base, [](LogIndex& index, std::int64_t) {
        // What comes next begins a piece of its own: these bytes are here no more.
        if (!index.stored.empty()) index.stored.back().is_closed = true;
        index.local_begin = std::max(index.local_begin, index.stored_end());
    });
    if (moved) files_.drop(base, true);
    return moved;
}

Result<std::optional<LogDeletionNote>> LogStore::note_of(const std::string& prefix) {
    const std::string key = deletion_note_key(prefix);
    const auto text = objects_.get(key, kDeletionNoteMax);
    if (!text && text.error().code == ErrorCode::kNotFound) return std::optional<LogDeletionNote>();
    if (!text) return text.error().with_context("reading " + key);
    auto note = parse_deletion_note(*text);
    if (note) return std::optional<LogDeletionNote>(std::move(*note));
    log_error("logs.deletion_note_damaged", {{"object", key}});
    return std::optional<LogDeletionNote>();
}

// What is said in the store before anything goes: by whoever began it.
Result<LogDeletionNote> LogStore::note_deletion(const LogName& of_attempt, LogDeletionNote note) {
    const std::string prefix = prefix_of(of_attempt, of_attempt.stream);
    const auto before = note_of(prefix);
    if (!before) return before.error();
    if (*before) {
        note.deletion = (*before)->deletion;
        note.streams.insert((*before)->streams.begin(), (*before)->streams.end());
    }
    if (*before && **before == note) return note;
    const std::string key = deletion_note_key(prefix);
    if (auto put = objects_.put(key, to_text(note), false); !put)
        return put.error().with_context("storing " + key);
    return note;
}

Status LogStore::mark_deleted(const std::string& base, const std::string& prefix,
                              const LogDeletion& deletion) {
    const Status marked = files_.change_index(
        base, [&](LogIndex& index, std::int64_t) { index = LogIndex{prefix, 0, {}, deletion}; });
    if (!marked) return marked;
    files_.erase(base);
    const std::lock_guard lock(mutex_);
    waiting_.erase(base);
    prefixes_.erase(base);
    return ok();
}

// Which streams there is anything of, here or there; none where all of them are known to be gone.
LogDeletionNote LogStore::note_for(const LogName& of_attempt, const LogDeletion& deletion,
                                   const HeldStreams& held) const {
    LogDeletionNote note{{deletion.at, deletion.rule, false}, {}};
    bool is_past = held.empty();
    for (const LogName& name : streams_of(of_attempt)) {
        const std::string base = LogFiles::base_of(name).value_or("");
        const auto known = files_.index(base);
        const bool was_deleted = known && known->deletion;
        if (was_deleted) note.deletion = {known->deletion->at, known->deletion->rule, false};
        const bool is_here = !was_deleted && files_.size(base) > 0;
        if (was_deleted || is_here || held.contains(name.stream)) note.streams.insert(name.stream);
        is_past = is_past && !is_here && (!was_deleted || known->deletion->is_done);
    }
    if (is_past) note.streams.clear();
    return note;
}

// Whether the note that says so is in the store already, and nothing is to be checked against it.
Result<bool> LogStore::is_said(const LogName& of_attempt, const LogDeletionNote& note,
                               const HeldStreams& held) const {
    bool is_said = held.empty();
    for (const std::string& part : note.streams) {
        const LogName name{of_attempt.attempt, part, of_attempt.team};
        const std::string base = LogFiles::base_of(name).value_or("");
        const auto known = files_.index(base);
        is_said = is_said && known && known->deletion;
        // A folder that is not mounted looks so, and what lies there would stay for good.
        if (!held.contains(part) && known && !known->deletion && !known->stored.empty())
            return not_found("the store shows nothing of " + prefix_of(name, base));
    }
    return is_said;
}

Result<bool> LogStore::delete_attempt(const LogName& of_attempt, const LogDeletion& deletion,
                                      const HeldStreams& held, std::size_t& pieces_left) {
    LogDeletionNote note = note_for(of_attempt, deletion, held);
    if (note.streams.empty()) return true;
    const auto said = is_said(of_attempt, note, held);
    if (!said) return said.error();
    if (!*said) {
        auto noted = note_deletion(of_attempt, std::move(note));
        if (!noted) return noted.error();
        note = std::move(*noted);
    }
    for (const std::string& part : note.streams) {
        const LogName name{of_attempt.attempt, part, of_attempt.team};
        const std::string base = LogFiles::base_of(name).value_or("");
        const auto pieces = held.find(part);
        LogDeletion done = note.deletion;
        done.is_done = pieces == held.end();
        const auto known = files_.index(base);
        if (done.is_done && known && known->deletion && known->deletion->is_done) continue;
        if (auto marked = mark_deleted(base, prefix_of(name, base), done); !marked)
            return marked.error();
        if (done.is_done) continue;
        if (auto removed = remove_pieces(pieces->second, pieces_left); !removed)
            return removed.error();
    }
    return held.empty();
}

Status LogStore::remove_pieces(const std::vector<std::string>& keys, std::size_t& pieces_left) {
    for (const std::string& key : keys) {
        if (pieces_left == 0) break;
        const Status removed = objects_.remove(key);
        if (!removed && removed.error().code != ErrorCode::kNotFound)
            return removed.error().with_context("deleting " + key);
        --pieces_left;
    }
    return ok();
}

std::vector<LogFiles::File> LogStore::take_up() {
    std::vector<LogFiles::File> files = files_.list();
    const std::lock_guard lock(mutex_);
    for (const LogFiles::File& file : files) {
        if (file.is_waiting) waiting_[file.base] += file.bytes;
    }
    return files;
}

}  // namespace herder::api
