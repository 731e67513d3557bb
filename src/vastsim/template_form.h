#pragma once
// Templates as the base of a create (vast-api 2.2, 2.16), and docker flags as text.
#include <string>
#include <utility>
#include <vector>

#include "vastsim/account.h"
#include "vastsim/world.h"

namespace herder::vastsim {

// "-e A=b -p 80:80 -h box" -> {"A","b"}, {"-p 80:80","1"}, {"-h box","1"}.
std::vector<std::pair<std::string, std::string>> parse_env_flags(const std::string& flags);

// nullptr when none is asked for or none exists; by template_hash_id or template_id.
const Template* find_template(const Account& account, const Json& body);

// The body with what the named template brings: fields of the body win, env is merged by key.
// Refuses an unknown template.
Result<Json> merge_template(const Account& account, const Json& body);

void note_template(const Account& account, const Json& body, CreateRequest& request);

}  // namespace herder::vastsim
