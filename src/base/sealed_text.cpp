#include "base/sealed_text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

namespace herder {

namespace {

constexpr int kTagSize = 16;

struct ContextFree {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

// Ready for the text, with what it is bound to already taken in.
Result<Context> start(bool seals, std::string_view key, std::string_view nonce,
                      std::string_view bound_to) {
    if (key.size() != kSealKeySize || nonce.size() != kSealNonceSize) {
        return internal("a key of 32 bytes and a nonce of 12 are needed");
    }
    Context context(EVP_CIPHER_CTX_new());
    int ignored = 0;
    const bool good = context != nullptr &&
                      EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key),
                                        bytes(nonce), seals ? 1 : 0) == 1 &&
                      EVP_CipherUpdate(context.get(), nullptr, &ignored, bytes(bound_to),
                                       static_cast<int>(bound_to.size())) == 1;
    if (!good) return internal("the cipher AES-256-GCM cannot be set up");
    return context;
}

}  // namespace

Result<std::string> seal_text(std::string_view key, std::string_view nonce, std::string_view text,
                              std::string_view bound_to) {
    const Result<Context> context = start(true, key, nonce, bound_to);
    if (!context) return context.error();
    std::string sealed(nonce);
    sealed.resize(nonce.size() + text.size() + kTagSize);
    unsigned char* out = bytes(sealed) + nonce.size();
    int size = 0;
    int rest = 0;
    const bool good =
        EVP_CipherUpdate(context->get(), out, &size, bytes(text), static_cast<int>(text.size())) ==
            1 &&
        EVP_CipherFinal_ex(context->get(), out + size, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_GCM_GET_TAG, kTagSize, out + text.size()) == 1;
    if (!good) return internal("sealing a text failed");
    return sealed;
}

Result<std::string> open_text(std::string_view key, std::string_view sealed,
                              std::string_view bound_to) {
    const Error wrong{ErrorCode::kCorrupt,
                      "a sealed text does not open: it was changed, or sealed with another key"};
    if (sealed.size() < kSealNonceSize + kTagSize) return wrong;
    const Result<Context> context = start(false, key, sealed.substr(0, kSealNonceSize), bound_to);
    if (!context) return context.error();
    const std::string_view inside =
        sealed.substr(kSealNonceSize, sealed.size() - kSealNonceSize - kTagSize);
    std::string tag(sealed.substr(sealed.size() - kTagSize));
    std::string text(inside.size(), '\0');
    int size = 0;
    int rest = 0;
    const bool good =
        EVP_CipherUpdate(context->get(), bytes(text), &size, bytes(inside),
                         static_cast<int>(inside.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()) == 1 &&
        EVP_CipherFinal_ex(context->get(), bytes(text) + size, &rest) == 1;
    if (good) return text;
    wipe(text);
    return wrong;
}

void wipe(std::string& text) {
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

}  // namespace herder
