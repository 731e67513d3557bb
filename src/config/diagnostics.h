#pragma once
// What is wrong with a file, all of it at once: as text with the line and a mark under it, as
// editors and people read it, and as data for -o json and the API. Decides nothing.
#include <cstddef>
#include <string>
#include <vector>

#include "config/yaml.h"

namespace herder::config {

enum class Severity { kError, kWarning };

struct Diagnostic {
    Severity severity = Severity::kError;
    Place place;
    std::string pointer;  // JSON pointer of the value: "/resources/disk"
    std::string message;
    std::string help;  // what to do: "did you mean 'disk'?"
    std::string mark;  // said beside the marks under the line
    bool operator==(const Diagnostic&) const = default;
};

// How many errors are shown; more are only counted.
constexpr std::size_t kDiagnosticsMax = 20;

class Diagnostics {
  public:
    // `file` as the user named it; `text` is its content, for the source lines.
    Diagnostics(std::string file, std::string text);

    void add(Diagnostic diagnostic);
    void error(const Place& place, std::string pointer, std::string message, std::string help = {});
    void warning(const Place& place, std::string pointer, std::string message,
                 std::string help = {});

    bool has_errors() const { return errors_ > 0; }
    std::size_t error_count() const { return errors_; }
    const std::vector<Diagnostic>& list() const { return list_; }
    const std::string& file() const { return file_; }

    // All of them in the order of the file, gcc's form first so that editors can jump; empty if
    // there is nothing to say.
    std::string to_text() const;

  private:
    std::string one(const Diagnostic& diagnostic) const;
    std::string file_;
    std::vector<std::string> lines_;
    std::vector<Diagnostic> list_;
    std::size_t errors_ = 0;
    std::size_t left_out_ = 0;
};

}  // namespace herder::config
