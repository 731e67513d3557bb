#pragma once
// A service account for tests: its key is made anew each time, so that none lies in the tree.
#include <gtest/gtest.h>
#include <openssl/bio.h>  // tidy:allow heavy-include only tests include this
#include <openssl/evp.h>  // tidy:allow heavy-include only tests include this
#include <openssl/pem.h>  // tidy:allow heavy-include only tests include this
#include <openssl/rsa.h>  // tidy:allow heavy-include only tests include this

#include <string>

#include "base/bytes.h"

namespace herder::s3 {

struct RsaPair {
    std::string private_pem;
    std::string public_pem;
};

inline std::string text_of(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

inline const RsaPair& test_rsa_pair() {
    static const RsaPair pair = [] {
        EVP_PKEY* key = EVP_RSA_gen(2048);
        BIO* secret = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr);
        BIO* open = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(open, key);
        EVP_PKEY_free(key);
        return RsaPair{text_of(secret), text_of(open)};
    }();
    return pair;
}

inline std::string one_line(std::string pem) {
    for (std::size_t at = pem.find('\n'); at != pem.npos; at = pem.find('\n', at))
        pem.replace(at, 1, "\\n");
    return pem;
}

// As Google hands it out.
inline std::string test_key_file(const std::string& email = "me@project.iam.gserviceaccount.com") {
    return R"({"type":"service_account","client_email":")" + email +
           R"(","private_key_id":"k1","private_key":")" + one_line(test_rsa_pair().private_pem) +
           R"(","token_uri":"https://oauth2.googleapis.com/token"})";
}

}  // namespace herder::s3
