#pragma once
// How single values look in a table for people: times, money, states, text from elsewhere. Not the
// table itself (output.h) and not which columns there are (list_view.h).
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "protocol/value_json.h"

namespace herder::cli {

using protocol::Json;

// What the terminal can show, and what time it is there.
struct Look {
    bool utf8 = false;
    WallTime now;
};
// From LC_ALL, LC_CTYPE or LANG, whichever is set first, and the clock.
Look current_look();

// A JSON value as plain text: strings as they are, numbers and booleans written out, null as "".
std::string text_of(const Json* value);
// text_of the member `key`; "" where there is none.
std::string text_at(const Json& object, std::string_view key);
std::int64_t number_at(const Json& object, std::string_view key);

// Makes control characters visible, so that text from a machine cannot steer the terminal. With
// `keep_lines` tabs and line ends stay.
std::string printable(std::string_view text, bool keep_lines = false);

// "3m ago" of an RFC 3339 text; "" stays "", what is no time stays as it is.
std::string ago(const std::string& rfc3339, const Look& look);
// "22:48:00" in the local time zone, with the date in front when it is another day.
std::string local_time(const std::string& rfc3339, const Look& look);
// "2h 47m" of a number of seconds.
std::string duration_of(const Json* seconds);

// "$12.40" and "0.62" (under a heading $/H) of decimal texts; "" stays "".
std::string money_cell(const std::string& decimal);
std::string rate_cell(const std::string& decimal);

// "● running", "* running" in ASCII; unknown states pass unchanged.
std::string status_cell(const std::string& status, const Look& look);
// "✓" or "+", "✗" or "x", "!".
std::string tick(const Look& look);
std::string cross(const Look& look);

}  // namespace herder::cli
