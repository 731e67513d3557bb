#include <termios.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <array>
#include <iostream>
#include <iterator>

#include "base/sealed_text.h"
#include "cli/groups.h"
#include "cli/list_view.h"
#include "cli/local_files.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

struct SetOptions {
    std::string name;
    std::string file;
    std::vector<std::string> rest;
};

// Keeps a terminal from showing what is typed, as long as it lives.
class Hidden {
  public:
    Hidden() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_terminal_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~Hidden() {
        if (is_terminal_) (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    Hidden(const Hidden&) = delete;
    Hidden& operator=(const Hidden&) = delete;

  private:
    termios before_{};
    bool is_terminal_;
};

Result<std::string> ask(Context& context, const std::string& name) {
    const Hidden hidden;
    context.streams.err << "value of " << name << " (is not shown): " << std::flush;
    std::string value;
    const bool read = static_cast<bool>(std::getline(context.streams.in, value));
    context.streams.err << "\n";
    if (!read) return invalid("nothing was typed; the secret is unchanged");
    return value;
}

// One line end is the editor's or echo's, not the value's.
std::string without_line_end(std::string value) {
    if (value.ends_with('\n')) value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
    return value;
}

Result<std::string> value_of(Context& context, const SetOptions& options) {
    if (!options.rest.empty()) {
        return invalid(
            "a value on the command line is seen by everybody on this machine and kept in the "
            "shell's history; give it on standard input, or with --file");
    }
    if (!options.file.empty()) {
        Result<std::string> text = read_file(options.file);
        return text ? Result<std::string>(without_line_end(std::move(*text))) : text;
    }
    if (context.streams.in_is_terminal) return ask(context, options.name);
    const std::string all{std::istreambuf_iterator<char>(context.streams.in), {}};
    return without_line_end(all);
}

ExitCode set_secret(Context& context, const SetOptions& options) {
    Result<std::string> value = value_of(context, options);
    if (!value) return fail(context, value.error());
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    Json body;
    body.set("value", Json(*value));
    wipe(*value);
    const Result<Json> stored =
        server->send("PUT", "/secrets/" + http::percent_encode(options.name), body);
    if (!stored) return fail(context, stored.error());
    context.output.note("stored; a job gets it with: secrets: [" + options.name +
                        "], as the file $HERDER_SECRETS_DIR/" + options.name);
    return ExitCode::kOk;
}

std::string updated_of(const Json& item, const Look& look) {
    return ago(text_at(item, "updated_at"), look);
}
constexpr std::array<ViewColumn, 2> kColumns{
    {{"NAME", "name"}, {"UPDATED", "updated_at", true, updated_of}}};
const ListView kSecrets{kColumns, "no secrets yet; store one with: herder secrets set NAME"};

ExitCode list_secrets(Context& context) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json::Array> items = server->list("/secrets", 10'000);
    if (!items) return fail(context, items.error());
    print_items(context, *items, kSecrets);
    return ExitCode::kOk;
}

ExitCode remove_secrets(Context& context, const std::vector<std::string>& names) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    ExitCode worst = ExitCode::kOk;
    for (const std::string& name : names) {
        const Result<Json> removed =
            server->send("DELETE", "/secrets/" + http::percent_encode(name), Json(Json::Object{}));
        if (!removed) {
            worst = fail(context, removed.error());
        } else {
            context.output.note("removed " + name);
        }
    }
    return worst;
}

ExitCode rotate_key(Context& context) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json> done = server->send("POST", "/secrets/rotate-key", Json(Json::Object{}));
    if (!done) return fail(context, done.error());
    context.output.note("sealed " + text_at(*done, "secrets") + " secrets with a new key");
    return ExitCode::kOk;
}

}  // namespace

void add_secret_commands(Commands& commands) {
    CLI::App& group =
        commands.group("secrets", "values that jobs name and never contain, such as tokens");
    auto& options = commands.keep<SetOptions>();
    CLI::App& set = commands.add(
        "set", "store one; the value comes from standard input, a file, or a question",
        [&options](Context& context) { return set_secret(context, options); }, &group);
    set.add_option("NAME", options.name, "such as HF_TOKEN")->required();
    set.add_option("--file", options.file, "take the value from this file, without its line end");
    // Taken so that the refusal can say why.
    set.add_option("VALUE", options.rest, "never here: give it on standard input");
    commands.add("ls", "list their names", list_secrets, &group);
    auto& names = commands.keep<std::vector<std::string>>();
    commands
        .add(
            "rm", "remove them; refused while a job that has not ended needs one",
            [&names](Context& context) { return remove_secrets(context, names); }, &group)
        .add_option("NAME", names, "as in the list")
        ->required();
    commands.add("rotate-key", "seal all of them with a new key; the old one is forgotten",
                 rotate_key, &group);
}

}  // namespace herder::cli
