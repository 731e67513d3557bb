#pragma once
// The stored form of events and row changes. Kept readable for ever: field numbers are never
// reused, and tests/golden holds a log that every later version must replay.
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/step/output.h"

namespace herder {

// Written by this version.
constexpr int kEventVersion = 1;

std::string encode_event(const Event& event);
// kCorrupt if malformed, kInvalid if a newer program wrote it.
Result<Event> decode_event(std::string_view bytes);

std::string encode_row(const RowChange& row);
Result<RowChange> decode_row(std::string_view bytes);

}  // namespace herder
