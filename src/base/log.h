#pragma once
// A log line is an event: a dotted name and key=value fields. The sink is set once by main (or a
// test); no module formats prose. The table of names is docs/reference/log-events.md.
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace herder {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

using LogFields = std::vector<std::pair<std::string_view, std::string>>;

struct LogEvent {
    LogLevel level = LogLevel::kInfo;
    std::string_view name;  // such as "job.recovering"
    LogFields fields;
};

using LogSink = std::function<void(const LogEvent&)>;

// Thread-safe to call after main has set the sink; the default sink drops debug and writes the
// rest to stderr as text.
void set_log_sink(LogSink sink);
void log_event(LogLevel level, std::string_view name, LogFields fields = {});
inline void log_debug(std::string_view name, LogFields f = {}) {
    log_event(LogLevel::kDebug, name, std::move(f));
}
inline void log_info(std::string_view name, LogFields f = {}) {
    log_event(LogLevel::kInfo, name, std::move(f));
}
inline void log_warn(std::string_view name, LogFields f = {}) {
    log_event(LogLevel::kWarn, name, std::move(f));
}
inline void log_error(std::string_view name, LogFields f = {}) {
    log_event(LogLevel::kError, name, std::move(f));
}

// "warn job.recovering job=j42 reason=host_lost"; values with blanks are quoted, control
// characters escaped.
std::string to_text(const LogEvent& event);

}  // namespace herder
