#pragma once
// Prints lists of API items: as chosen columns for people, whole fields for programs, and the
// server's own JSON untouched. Not for talking to the server.
#include <span>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/cells.h"

namespace herder::cli {

struct ViewColumn {
    const char* title;  // for people
    const char* key;    // the API's field, also the header of tab-separated output
    bool right = false;
    // What people see instead of the field's plain text.
    std::string (*cell)(const Json& item, const Look& look) = nullptr;
};

// The first column names the thing: -q prints it alone.
struct ListView {
    std::span<const ViewColumn> columns;
    std::string when_empty;
};

Table to_table(const Json::Array& items, const ListView& view, Format format, const Look& look);

void print_items(Context& context, const Json::Array& items, const ListView& view);
// One JSON document in JSON mode.
void print_json(Context& context, const Json& document);

}  // namespace herder::cli
