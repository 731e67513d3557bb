#include "cli/list_view.h"

namespace herder::cli {

namespace {

std::string cell_of(const Json& item, const ViewColumn& column, bool for_people, const Look& look) {
    if (for_people && column.cell != nullptr) return column.cell(item, look);
    return printable(text_at(item, column.key));
}

}  // namespace

Table to_table(const Json::Array& items, const ListView& view, Format format, const Look& look) {
    Table table;
    table.when_empty = view.when_empty;
    for (const ViewColumn& column : view.columns) {
        table.columns.push_back(
            {.title = column.title, .key = column.key, .right = column.right, .raw = false});
    }
    for (const Json& item : items) {
        std::vector<std::string> row;
        for (const ViewColumn& column : view.columns)
            row.push_back(cell_of(item, column, format == Format::kTable, look));
        table.rows.push_back(std::move(row));
    }
    return table;
}

void print_json(Context& context, const Json& document) {
    context.output.data(document.to_text());
}

void print_items(Context& context, const Json::Array& items, const ListView& view) {
    const Format format = context.output.format();
    if (format == Format::kJson) return print_json(context, Json(items));
    if (format == Format::kJsonLines) {
        for (const Json& item : items)
            print_json(context, item);
        return;
    }
    context.output.table(to_table(items, view, format, current_look()));
}

}  // namespace herder::cli
