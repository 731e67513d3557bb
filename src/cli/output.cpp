#include "cli/output.h"

#include <algorithm>
#include <cctype>
#include <ostream>

#include "cli/cells.h"

namespace herder::cli {

namespace {

// Columns that a terminal shows for `text`: code points, close enough for our own words.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// Tabs and line ends would break a row apart.
std::string in_one_line(std::string text) {
    for (char& c : text) {
        if (c == '\t' || c == '\n' || c == '\r') c = ' ';
    }
    return text;
}

std::vector<std::size_t> widths_of(const Table& table) {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        std::size_t width = width_of(table.columns[c].title);
        for (const auto& row : table.rows) {
            width = std::max(width, width_of(row[c]));
        }
        widths.push_back(width);
    }
    return widths;
}

std::string to_line(const Table& table, const std::vector<std::size_t>& widths,
                    const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
        const std::string padding(widths[c] - std::min(widths[c], width_of(cells[c])), ' ');
        if (c > 0) line += "  ";
        line += table.columns[c].right ? padding + cells[c] : cells[c] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

std::string first_column(const Table& table) {
    std::string text;
    for (const auto& row : table.rows)
        text += row.front() + '\n';
    return text;
}

}  // namespace

Result<Format> parse_format(const std::string& text) {
    if (text == "table") return Format::kTable;
    if (text == "tsv") return Format::kTsv;
    if (text == "json") return Format::kJson;
    if (text == "jsonl") return Format::kJsonLines;
    if (text == "name") return Format::kName;
    return invalid("unknown output format '" + text + "'; there are table, tsv, json, jsonl, name");
}

std::string to_aligned(const Table& table) {
    const std::vector<std::size_t> widths = widths_of(table);
    std::vector<std::string> titles;
    for (const Column& column : table.columns)
        titles.push_back(column.title);
    std::string text = to_line(table, widths, titles);
    for (const auto& row : table.rows)
        text += to_line(table, widths, row);
    return text;
}

std::string to_tsv(const Table& table) {
    std::string text;
    for (const Column& column : table.columns)
        text += (text.empty() ? "" : "\t") + column.key;
    text += '\n';
    for (const auto& row : table.rows) {
        for (std::size_t c = 0; c < row.size(); ++c)
            text += (c == 0 ? "" : "\t") + in_one_line(row[c]);
        text += '\n';
    }
    return text;
}

Output::Output(std::ostream& out, std::ostream& err, Options options)
    : out_(out), err_(err), options_(options), format_(Format::kTsv) {
    if (options.terminal) format_ = Format::kTable;
    if (options.quiet) format_ = Format::kName;
    if (options.format) format_ = *options.format;
}

void Output::table(const Table& table) {
    switch (format_) {
        case Format::kTable:
            if (table.rows.empty()) return note(table.when_empty);
            out_ << to_aligned(table);
            break;
        case Format::kTsv:
            out_ << to_tsv(table);
            break;
        case Format::kJson:
            out_ << to_json(table, false);
            break;
        case Format::kJsonLines:
            out_ << to_json(table, true);
            break;
        case Format::kName:
            out_ << first_column(table);
            break;
    }
    out_.flush();
}

void Output::data(const std::string& text) {
    out_ << text;
    if (!text.empty() && text.back() != '\n') out_ << '\n';
    out_.flush();
}

// Both may repeat what a machine said.
void Output::note(const std::string& text) {
    if (options_.quiet) return;
    err_ << printable(text, true) << '\n';
    err_.flush();
}

void Output::error(const Error& error) {
    err_ << (is_json() ? to_problem_json(error) : "error: " + printable(error.message, true))
         << '\n';
    err_.flush();
}

std::string to_api_word(ErrorCode code) {
    std::string word = to_string(code);
    for (char& c : word)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return word;
}

}  // namespace herder::cli
