#include "protocol/sealed_json.h"

#include "base/assert.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace herder::protocol {

namespace {

constexpr std::string_view kMacMember = R"(,"mac":")";
constexpr std::size_t kMacSize = 64;

std::string mac_of(std::string_view body, std::string_view label, std::string_view key) {
    return to_hex(hmac_sha256(key, std::string(label) + "\n" + std::string(body)));
}

}  // namespace

std::string seal_json(std::string document, std::string_view label, std::string_view mac_key) {
    HERDER_ASSERT(mac_key.size() >= 32);
    HERDER_ASSERT(document.ends_with('}'));
    document.pop_back();
    const std::string mac = mac_of(document, label, mac_key);
    return document.append(kMacMember).append(mac).append("\"}");
}

bool is_sealed_json(std::string_view text, std::string_view label, std::string_view mac_key) {
    const std::size_t tail = kMacMember.size() + kMacSize + 2;
    if (text.size() < tail) return false;
    const std::string_view body = text.substr(0, text.size() - tail);
    const std::string sealed =
        std::string(body).append(kMacMember).append(mac_of(body, label, mac_key)).append("\"}");
    return equal_secret(sealed, text);
}

}  // namespace herder::protocol
