#include "api/log_deletion.h"

#include <sstream>

#include "base/rfc3339.h"

namespace herder::api {

namespace {

constexpr char kHead[] = "herder-logs-deleted";
constexpr int kVersion = 1;

}  // namespace

std::string describe(const LogDeletion& deletion) {
    return "this log was deleted on " + to_rfc3339(deletion.at) +
           " by the rule logs_keep: " + deletion.rule;
}

std::string to_text(const LogDeletionNote& note) {
    std::string text = std::string(kHead) + " " + std::to_string(kVersion) + "\nat " +
                       std::to_string(note.deletion.at.us) + " " + to_rfc3339(note.deletion.at) +
                       "\nlogs_keep " + note.deletion.rule + "\nstreams";
    for (const std::string& stream : note.streams)
        text += " " + stream;
    return text + "\nend\n";
}

Result<LogDeletionNote> parse_deletion_note(const std::string& text) {
    const Error corrupt{ErrorCode::kCorrupt, "the note of a deleted log is damaged"};
    std::istringstream from(text);
    LogDeletionNote note;
    std::string head, at, for_people, rule, streams, word;
    int version = 0;
    from >> head >> version >> at >> note.deletion.at.us >> for_people >> rule >>
        note.deletion.rule >> streams;
    if (!from || head != kHead || version != kVersion || at != "at" || rule != "logs_keep" ||
        streams != "streams")
        return corrupt;
    while (from >> word && word != "end")
        note.streams.insert(word);
    if (word != "end") return corrupt;
    return note;
}

std::string deletion_note_key(std::string_view stream_prefix) {
    if (stream_prefix.ends_with('/')) stream_prefix.remove_suffix(1);
    return std::string(stream_prefix.substr(0, stream_prefix.rfind('/') + 1)) + "deleted.txt";
}

}  // namespace herder::api
