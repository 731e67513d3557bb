#include "config/contexts.h"

#include <algorithm>

#include "config/fields.h"

namespace herder::config {

namespace {

constexpr KeyRule kTopKeys[] = {
    {"version"},          {"key"},          {"vast_url"},  {"server"},     {"data_dir"},
    {"listen"},           {"agent_listen"}, {"agent_url"}, {"budgets"},    {"profiles"},
    {"artifact_prefix"},  {"label_prefix"}, {"confirm"},   {"max_hourly"}, {"storage"},
    {"storage_endpoint"}, {"logs_keep"},
};
constexpr KeyRule kKeyKeys[] = {{"variable"}, {"file"}};

constexpr Section kTop{"", kTopKeys};
constexpr Section kKey{"key", kKeyKeys};
constexpr Section kFamily[] = {kTop, kKey};

constexpr std::size_t kLabelPrefixLength = 4;  // of a machine's label, core/provisioner/label.h

void read_key(const Field& field, ContextSpec& context) {
    if (field.node->is_scalar()) {
        // Whatever it is, it is not repeated: it may be the key itself.
        field.error("the key itself does not belong here",
                    "write key: {variable: VAST_KEY_PROD} or key: {file: /path/of/the/key}");
        return;
    }
    const Mapping key(field, kKey, kFamily);
    const auto variable = key.find("variable");
    const auto file = key.find("file");
    if (variable) context.key_variable = variable->text().value_or("");
    if (file) context.key_file = file->text().value_or("");
    if (variable && file) {
        field.error("the key comes from a variable or from a file, not from both",
                    "leave one of them out");
    }
}

std::string read_label_prefix(const Field& field) {
    const std::string text = field.text().value_or("");
    const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
    if (text.size() == kLabelPrefixLength && is_plain) return text;
    field.error("'" + text + "' is not four characters of a-z and 0-9",
                "it stands in the label of every machine: label_prefix: prd1");
    return {};
}

std::string read_logs_keep(const Field& field) {
    const std::string text = field.text().value_or("");
    if (const auto keep = parse_logs_keep(text); !keep)
        field.error(keep.error().message, "write logs_keep: 30d, or logs_keep: forever");
    return text;
}

std::string read_artifact_prefix(const Field& field) {
    const std::string text = field.text().value_or("");
    if (is_name(text)) return text;
    field.error("'" + text + "' is no name of a-z, 0-9 and '-'", "write artifact_prefix: prod");
    return {};
}

}  // namespace

std::string without_key(const std::string& text) {
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        const std::size_t colon = line.find(':');
        const std::size_t value =
            colon == line.npos ? colon : line.find_first_not_of(" \t", colon + 1);
        const std::size_t name = line.find_first_not_of(" \t\"'");
        const bool is_key = colon != line.npos && line.compare(name, 3, "key") == 0 &&
                            value != line.npos && line[value] != '{';
        shown += is_key ? line.substr(0, value) + std::string(line.size() - value, '*') : line;
        if (end < text.size()) shown += '\n';
        at = end + 1;
    }
    return shown;
}

Result<std::optional<Duration>> parse_logs_keep(const std::string& text) {
    if (text.empty() || text == "forever") return std::optional<Duration>();
    const Result<Duration> keep = parse_duration(text);
    if (!keep) return invalid("'" + text + "' is neither a time such as 30d nor forever");
    // Whoever means minutes means something else: a job's log must outlive the look at it.
    if (*keep < hours(1) || *keep > days(36'500))
        return invalid(
            "'" + text +
            "' is not between an hour and a hundred years; write for example 30d, or forever");
    return std::optional<Duration>(*keep);
}

ContextSpec parse_context(const std::string& text, Diagnostics& out) {
    ContextSpec context;
    const auto parsed = parse_yaml(text);
    if (const auto* error = std::get_if<YamlError>(&parsed)) {
        out.error(error->place, "", error->message, error->help);
        return context;
    }
    const Field root{&std::get<Node>(parsed), {}, "", "", &out};
    const Mapping top(root, kTop, kFamily);
    const auto take = [&top](std::string_view key, std::string& into) {
        if (const auto field = top.find(key)) into = field->text().value_or("");
    };
    if (const auto version = top.find("version")) (void)version->integer(1, 1);
    if (const auto key = top.find("key")) read_key(*key, context);
    take("vast_url", context.vast_url);
    take("server", context.server_url);
    take("data_dir", context.data_dir);
    take("listen", context.listen);
    take("agent_listen", context.agent_listen);
    take("agent_url", context.agent_url);
    take("budgets", context.budgets_file);
    take("profiles", context.profiles_file);
    take("storage", context.storage);
    take("storage_endpoint", context.storage_endpoint);
    if (const auto f = top.find("logs_keep")) context.logs_keep = read_logs_keep(*f);
    if (const auto f = top.find("artifact_prefix"))
        context.artifact_prefix = read_artifact_prefix(*f);
    if (const auto f = top.find("label_prefix")) context.label_prefix = read_label_prefix(*f);
    if (const auto f = top.find("confirm")) {
        const auto word = f->word({"always", "usual"});
        if (word == "always") context.confirm = ConfirmRule::kAlways;
    }
    if (const auto f = top.find("max_hourly")) {
        context.hourly_max = {f->dollars().value_or(Usd{}).micros};
    }
    return context;
}

namespace {

void add_line(std::string& text, const char* key, const std::string& value) {
    if (value.empty()) return;
    // Single quotes keep everything as it is, themselves doubled.
    std::string quoted;
    for (const char c : value)
        quoted += c == '\'' ? "''" : std::string(1, c);
    text += std::string(key) + ": '" + quoted + "'\n";
}

}  // namespace

std::string write_context(const ContextSpec& context) {
    std::string text = "# A context of herder: docs/reference/contexts.md\nversion: 1\n";
    if (!context.key_variable.empty() || !context.key_file.empty()) {
        text += "key:\n";
        std::string line;
        add_line(line, "  variable", context.key_variable);
        add_line(line, "  file", context.key_file);
        text += line;
    }
    add_line(text, "vast_url", context.vast_url);
    add_line(text, "server", context.server_url);
    add_line(text, "data_dir", context.data_dir);
    add_line(text, "listen", context.listen);
    add_line(text, "agent_listen", context.agent_listen);
    add_line(text, "agent_url", context.agent_url);
    add_line(text, "budgets", context.budgets_file);
    add_line(text, "profiles", context.profiles_file);
    add_line(text, "storage", context.storage);
    add_line(text, "storage_endpoint", context.storage_endpoint);
    add_line(text, "logs_keep", context.logs_keep);
    add_line(text, "artifact_prefix", context.artifact_prefix);
    add_line(text, "label_prefix", context.label_prefix);
    if (context.confirm == ConfirmRule::kAlways) text += "confirm: always\n";
    if (context.hourly_max.micros > 0)
        text += "max_hourly: " + to_decimal(context.hourly_max) + "\n";
    return text;
}

}  // namespace herder::config
