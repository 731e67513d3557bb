#pragma once
// The files ~/.aws/config and ~/.aws/credentials, as far as storage needs them
// (docs.aws.amazon.com/sdkref/latest/guide/file-format.html, November 2026). Read only.
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace herder::s3 {

// Settings of one section; nested ones as "s3.endpoint_url".
using ProfileSection = std::map<std::string, std::string>;

struct Profiles {
    std::map<std::string, ProfileSection> profiles;
    std::map<std::string, ProfileSection> sso_sessions;
    std::map<std::string, ProfileSection> services;

    const ProfileSection* profile(const std::string& name) const;
};

// The credentials file wins where both say something. Lines that nothing knows are passed over, as
// Amazon's own tools do.
Profiles parse_profiles(std::string_view config, std::string_view credentials);

std::string value_of(const ProfileSection& section, const std::string& name);

}  // namespace herder::s3
