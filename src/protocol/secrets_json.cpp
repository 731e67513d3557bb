#include "protocol/secrets_json.h"

#include "protocol/fields.h"

namespace herder::protocol {

template <class S, class V>
void fields(As<GivenSecret>, S& s, V& v) {
    v("name", s.name);
    v("value", s.value);
    v("in_env", s.in_env);
}
template <class S, class V>
void fields(As<SecretsResponse>, S& s, V& v) {
    v("secrets", s.secrets);
}

std::string to_json(const SecretsResponse& response) {
    return write_document(response);
}

Result<SecretsResponse> parse_secrets_response(std::string_view text) {
    return read_document<SecretsResponse>(text, kSecretsSizeMax).with_context("reading secrets");
}

}  // namespace herder::protocol
