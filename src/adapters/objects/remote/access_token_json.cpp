#include <boost/json.hpp>

#include "adapters/objects/remote/access_token.h"

namespace herder::remote {

namespace json = boost::json;

Result<AccessToken> parse_access_token(std::string_view document, WallTime now) {
    const Error nothing{ErrorCode::kCorrupt, "the answer holds no token with its end"};
    json::error_code failed;
    const json::value parsed = json::parse({document.data(), document.size()}, failed);
    const json::object* object = failed ? nullptr : parsed.if_object();
    if (object == nullptr) return nothing;
    const json::value* token = object->if_contains("access_token");
    const json::value* life = object->if_contains("expires_in");
    if (token == nullptr || !token->is_string() || token->get_string().empty()) return nothing;
    if (life == nullptr || !life->is_int64() || life->get_int64() <= 0) return nothing;
    return AccessToken{std::string(token->get_string()), now + seconds(life->get_int64())};
}

}  // namespace herder::remote
