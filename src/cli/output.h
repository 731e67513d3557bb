#pragma once
// What commands print: data on stdout (a table for people, tab-separated when piped, JSON on
// request), everything else on stderr. Not for talking to the server.
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace herder::cli {

enum class Format { kTable, kTsv, kJson, kJsonLines, kName };

// "table", "tsv", "json", "jsonl", "name".
Result<Format> parse_format(const std::string& text);

struct Column {
    std::string title;  // "$/H"
    std::string key;    // "price_per_hour", in JSON and as the header of tsv
    bool right = false;
    // The JSON value is written as it stands (a number, true, null) instead of as a string.
    bool raw = false;
    bool operator==(const Column&) const = default;
};

struct Table {
    std::vector<Column> columns{};
    std::vector<std::vector<std::string>> rows{};  // each as long as `columns`
    std::string when_empty = "nothing to show";    // said on stderr instead of an empty table
};

std::string to_aligned(const Table& table);
std::string to_tsv(const Table& table);
// An array of objects; with `lines` one object a line.
std::string to_json(const Table& table, bool lines);

class Output {
  public:
    struct Options {
        std::optional<Format> format{};  // nothing: table on a terminal, tsv when piped
        bool quiet = false;              // only the first column
        bool terminal = false;
        bool verbose = false;
    };
    Output(std::ostream& out, std::ostream& err, Options options);

    // Rows of data in the chosen format.
    void table(const Table& table);
    // Text or a JSON document that is complete as it stands; a line end is added where missing.
    void data(const std::string& text);
    // For people, on stderr: progress, hints, next steps. Silent with --quiet.
    void note(const std::string& text);
    // "error: ..." on stderr, in JSON mode one problem object there.
    void error(const Error& error);

    Format format() const { return format_; }
    bool is_json() const { return format_ == Format::kJson || format_ == Format::kJsonLines; }
    bool is_terminal() const { return options_.terminal; }
    bool is_quiet() const { return options_.quiet; }

  private:
    std::ostream& out_;
    std::ostream& err_;
    Options options_;
    Format format_;
};

// The API's word for a code: "BUDGET_EXCEEDED".
std::string to_api_word(ErrorCode code);
std::string to_problem_json(const Error& error);

}  // namespace herder::cli
