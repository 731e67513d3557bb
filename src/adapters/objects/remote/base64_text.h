#pragma once
// Base64 with the padding and the alphabet that the clouds' documents use; base/bytes.h has the
// other one, for URLs.
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder::remote {

std::string to_base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);

}  // namespace herder::remote
