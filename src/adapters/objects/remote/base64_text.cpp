#include "adapters/objects/remote/base64_text.h"

#include <algorithm>

#include "base/bytes.h"

namespace herder::remote {

std::string to_base64(std::string_view bytes) {
    std::string text = to_base64url(bytes);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    std::string url(text);
    while (url.ends_with('='))
        url.pop_back();
    if (url.find_first_of("-_") != url.npos) return invalid("this is base64 for URLs");
    std::replace(url.begin(), url.end(), '+', '-');
    std::replace(url.begin(), url.end(), '/', '_');
    return from_base64url(url);
}

}  // namespace herder::remote
