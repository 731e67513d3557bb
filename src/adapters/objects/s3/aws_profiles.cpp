#include "adapters/objects/s3/aws_profiles.h"

#include <algorithm>

namespace herder::s3 {

namespace {

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r";
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// "[profile x]" of the config file, "[x]" of the credentials file.
ProfileSection* open_section(std::string_view line, bool is_config, Profiles& into) {
    const std::string_view name = trim(line.substr(1, line.find(']') - 1));
    const std::size_t blank = name.find_first_of(" \t");
    const std::string_view kind = name.substr(0, blank);
    const std::string rest(blank == std::string_view::npos ? "" : trim(name.substr(blank)));
    if (!is_config || name == "default") return &into.profiles[std::string(name)];
    if (kind == "profile") return &into.profiles[rest];
    if (kind == "sso-session") return &into.sso_sessions[rest];
    if (kind == "services") return &into.services[rest];
    return nullptr;
}

void parse_file(std::string_view text, bool is_config, Profiles& into) {
    ProfileSection* section = nullptr;
    std::string parent;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view raw = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view line = trim(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            section = open_section(line, is_config, into);
            parent.clear();
            continue;
        }
        const std::size_t equals = line.find('=');
        if (section == nullptr || equals == std::string_view::npos) continue;
        const std::string name(trim(line.substr(0, equals)));
        std::string_view value = trim(line.substr(equals + 1));
        value = trim(value.substr(0, std::min(value.find(" #"), value.size())));
        const bool is_nested = raw.front() == ' ' || raw.front() == '\t';
        if (!is_nested) parent = value.empty() ? name : "";
        const std::string full = is_nested && !parent.empty() ? parent + "." + name : name;
        (*section)[full] = value;
    }
}

}  // namespace

const ProfileSection* Profiles::profile(const std::string& name) const {
    const auto found = profiles.find(name);
    return found == profiles.end() ? nullptr : &found->second;
}

Profiles parse_profiles(std::string_view config, std::string_view credentials) {
    Profiles profiles;
    parse_file(config, true, profiles);
    parse_file(credentials, false, profiles);
    return profiles;
}

std::string value_of(const ProfileSection& section, const std::string& name) {
    const auto found = section.find(name);
    return found == section.end() ? "" : found->second;
}

}  // namespace herder::s3
