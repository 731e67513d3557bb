#include "base/log.h"

#include <cstdio>
#include <mutex>

namespace herder {

namespace {

struct Sink {
    std::mutex mutex;
    LogSink write;  // guarded by mutex
};

// The one allowed process-wide object (style: the logger's sink); never destroyed, so that late
// threads may still log.
Sink& sink() {
    // tidy:allow new-delete leaked on purpose, see above
    static Sink* const kSink = new Sink;  // NOLINT
    return *kSink;
}

const char* level_word(LogLevel level) {
    switch (level) {
        case LogLevel::kDebug:
            return "debug";
        case LogLevel::kInfo:
            return "info";
        case LogLevel::kWarn:
            return "warn";
        case LogLevel::kError:
            return "error";
    }
    return "error";
}

std::string quoted(const std::string& value) {
    bool plain = !value.empty();
    for (const char c : value) {
        if (c == ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) < 32)
            plain = false;
    }
    if (plain) return value;
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 32 || c == 127) {
            out += '?';
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace

void set_log_sink(LogSink write) {
    const std::lock_guard lock(sink().mutex);
    sink().write = std::move(write);
}

void log_event(LogLevel level, std::string_view name, LogFields fields) {
    const LogEvent event{.level = level, .name = name, .fields = std::move(fields)};
    const std::lock_guard lock(sink().mutex);
    if (sink().write) {
        sink().write(event);
    } else if (level != LogLevel::kDebug) {
        std::fprintf(stderr, "%s\n", to_text(event).c_str());
    }
}

std::string to_text(const LogEvent& event) {
    std::string out = std::string(level_word(event.level)) + ' ' + std::string(event.name);
    for (const auto& [key, value] : event.fields)
        out += ' ' + std::string(key) + '=' + quoted(value);
    return out;
}

}  // namespace herder
