#include "cli/metric_table.h"

#include <algorithm>
#include <map>

#include "base/suggest.h"
#include "protocol/metric_line_json.h"

namespace herder::cli {

namespace {

using protocol::MetricLine;

// Calls `on_line` with every whole line of a text that comes in pieces.
class Lines {
  public:
    explicit Lines(std::function<void(std::string_view)> on_line) : on_line_(std::move(on_line)) {}
    void feed(std::string_view text) {
        for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;
             text.remove_prefix(end + 1)) {
            rest_ += text.substr(0, end);
            if (!rest_.empty()) on_line_(rest_);
            rest_.clear();
        }
        rest_ += text;
    }

  private:
    std::function<void(std::string_view)> on_line_;
    std::string rest_;
};

// From which step on the values of an attempt were undone by later ones.
using Undone = std::map<std::string, std::int64_t>;

struct FirstReading {
    std::map<std::int64_t, Undone> undone;  // by attempt
    std::set<std::string> names;
};

void lower(Undone& undone, const std::string& name, std::int64_t step) {
    const auto [found, is_new] = undone.try_emplace(name, step);
    if (!is_new) found->second = std::min(found->second, step);
}

Status check_names(const std::vector<std::string>& wanted, const std::set<std::string>& known) {
    for (const std::string& name : wanted) {
        if (!known.contains(name)) return no_such_metric(name, {known.begin(), known.end()});
    }
    return ok();
}

std::string row_of(const MetricLine& line, std::int64_t attempt, const Undone& undone,
                   const std::map<std::string, std::size_t>& columns) {
    std::vector<std::string> cells(columns.size());
    bool is_wanted = false;
    for (const auto& [name, value] : line.values) {
        const auto column = columns.find(name);
        const auto until = undone.find(name);
        if (column == columns.end() || (until != undone.end() && line.step >= until->second))
            continue;
        cells[column->second] = protocol::metric_word(value, false);
        is_wanted = true;
    }
    if (!is_wanted) return "";
    std::string row = std::to_string(line.step) + ",";
    if (line.time) row += protocol::metric_word(*line.time, false);
    row += "," + std::to_string(attempt);
    for (const std::string& cell : cells)
        row += "," + cell;
    return row;
}

}  // namespace

Error no_such_metric(const std::string& name, const std::vector<std::string>& known) {
    const std::string hint = known.empty() ? "nothing was measured" : did_you_mean(name, known);
    return not_found("there is no metric '" + name + "'" + (hint.empty() ? "" : "; " + hint));
}

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

Status MetricTable::write_csv(const std::function<void(const std::string& row)>& on_row) {
    FirstReading first;
    Undone undone;
    for (std::int64_t attempt = options_.last_attempt; attempt >= options_.first_attempt;
         --attempt) {
        first.undone[attempt] = undone;
        Lines lines([&](std::string_view text) {
            const auto line = protocol::parse_metric_line(text);
            bad_lines_ += line ? 0 : 1;
            if (!line) return;
            for (const auto& [name, value] : line->values) {
                first.names.insert(name);
                lower(undone, name, line->step);
            }
        });
        const Status read = source_(attempt, [&](std::string_view text) { lines.feed(text); });
        if (!read) return read;
    }
    if (auto known = check_names(options_.names, first.names); !known) return known;
    const std::vector<std::string> names =
        options_.names.empty() ? std::vector<std::string>(first.names.begin(), first.names.end())
                               : options_.names;
    std::map<std::string, std::size_t> columns;
    std::string head = "step,time,attempt";
    for (const std::string& name : names) {
        if (columns.try_emplace(name, columns.size()).second) head += "," + csv_field(name);
    }
    on_row(head);
    for (std::int64_t attempt = options_.first_attempt; attempt <= options_.last_attempt;
         ++attempt) {
        Lines lines([&](std::string_view text) {
            const auto line = protocol::parse_metric_line(text);
            if (!line) return;
            const std::string row = row_of(*line, attempt, first.undone[attempt], columns);
            if (!row.empty()) on_row(row);
        });
        const Status read = source_(attempt, [&](std::string_view text) { lines.feed(text); });
        if (!read) return read;
    }
    return ok();
}

}  // namespace herder::cli
