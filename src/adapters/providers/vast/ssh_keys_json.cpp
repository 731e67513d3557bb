#include "adapters/providers/vast/ssh_keys_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "adapters/providers/vast/fields_json.h"

namespace herder::vast {

namespace {

namespace json = boost::json;

constexpr std::size_t kKeyLengthMax = 16'384;

SshKey key_of(const json::object& row) {
    SshKey key;
    key.id = get_integer(row, "id").value_or(0);
    // "key" in the list, "public_key" in the answer to a new one.
    for (const char* name : {"key", "public_key", "ssh_key"}) {
        if (key.text.empty()) key.text = one_line(get_text(row, name), kKeyLengthMax);
    }
    return key;
}

bool is_public_key(std::string_view text) {
    if (text.find('\n') != std::string_view::npos || text.size() > kKeyLengthMax) return false;
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos || text.size() < blank + 16) return false;
    const std::string_view kind = text.substr(0, blank);
    return (kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-")) &&
           text.substr(blank + 1).starts_with("AAAA");
}

}  // namespace

Result<std::vector<SshKey>> parse_ssh_keys(std::string_view body) {
    std::vector<SshKey> keys;
    const Status read = read_rows(body, "", "ssh keys", [&keys](const json::object& row) {
        // Deleted ones stay in the list with their date.
        if (find_field(row, "deleted_at") == nullptr) keys.push_back(key_of(row));
        return ok();
    });
    if (!read) return read.error();
    return keys;
}

Result<SshKey> parse_added_ssh_key(std::string_view body) {
    SshKey key;
    const Status read = read_object(body, "ssh key", [&key](const json::object& object) -> Status {
        const json::value* added = find_field(object, "key");
        if (added == nullptr || !added->is_object()) {
            return Error{ErrorCode::kCorrupt, "the market's answer holds no ssh key"};
        }
        key = key_of(added->get_object());
        return ok();
    });
    if (!read) return read.error();
    return key;
}

Result<std::string> encode_ssh_key(const std::string& text) {
    const std::string key = trimmed(text);
    if (!is_public_key(key)) {
        return invalid(
            "this is no public ssh key; give the text of a .pub file, such as "
            "'ssh-ed25519 AAAA... name'");
    }
    return json::serialize(json::object{{"ssh_key", key}});
}

}  // namespace herder::vast
