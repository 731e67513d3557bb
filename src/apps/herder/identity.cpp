#include "identity.h"

#include <functional>

#include "api/private_file.h"
#include "base/bytes.h"

namespace herder {

namespace {

Result<std::string> read_or_make(const std::string& path,
                                 const std::function<Result<std::string>()>& make) {
    const Result<std::string> text = api::read_small_file(path);
    if (text && text->empty()) {
        return Error{ErrorCode::kCorrupt,
                     path +
                         " is empty; restore it from a backup, or delete it if "
                         "this orchestrator has no machines"};
    }
    if (text) return text;
    Result<std::string> made = make();
    if (!made) return made;
    const Status written = api::write_private_file(path, *made);
    if (!written) return written.error();
    return made;
}

std::string make_cluster_name(SystemEntropy& entropy) {
    return to_base32(entropy.bytes(3)).substr(0, 4);
}

Result<std::string> make_certificate_text() {
    const Result<http::Certificate> made = http::make_self_signed_certificate();
    if (!made) return made.error();
    return made->key_pem + made->certificate_pem;
}

Result<http::Certificate> split_certificate(const std::string& text) {
    const std::size_t at = text.find("-----BEGIN CERTIFICATE-----");
    if (at == std::string::npos)
        return Error{ErrorCode::kCorrupt, "agent-tls.pem holds no certificate"};
    return http::Certificate{.certificate_pem = text.substr(at), .key_pem = text.substr(0, at)};
}

}  // namespace

Result<ClusterIdentity> load_cluster(const std::string& folder) {
    const auto missing = [&folder]() -> Result<std::string> {
        return not_found("no server has run with the data folder " + folder +
                         ", so no label is known to be ours; name another folder with --data-dir, "
                         "or another context");
    };
    const Result<std::string> name = read_or_make(folder + "/cluster-name", missing);
    if (!name) return name.error();
    const Result<std::string> key = read_or_make(folder + "/cluster-key", missing);
    if (!key) return key.error();
    return ClusterIdentity{*name, *key};
}

Result<Identity> load_or_make_identity(const std::string& folder, const std::string& cluster_name,
                                       SystemEntropy& entropy) {
    Identity identity;
    const auto take = [&](const char* name, std::string& into,
                          const std::function<Result<std::string>()>& make) {
        Result<std::string> text = read_or_make(folder + "/" + name, make);
        if (!text) return Status(text.error());
        into = std::move(*text);
        return ok();
    };
    const auto secret = [&]() -> Result<std::string> { return to_hex(entropy.bytes(32)); };
    const auto token = [&]() -> Result<std::string> {
        return "herder_pat_" + to_hex(entropy.bytes(24));
    };
    const auto name = [&]() -> Result<std::string> {
        return cluster_name.empty() ? make_cluster_name(entropy) : cluster_name;
    };
    std::string pem;
    for (const Status& status : {take("cluster-name", identity.cluster.name, name),
                                 take("cluster-key", identity.cluster.key, secret),
                                 take("token", identity.api_token, token),
                                 take("storage-secret", identity.storage_secret, secret),
                                 take("agent-tls.pem", pem, make_certificate_text)}) {
        if (!status) return status.error();
    }
    if (!cluster_name.empty() && identity.cluster.name != cluster_name) {
        return Error{ErrorCode::kConflict,
                     "the machines of " + folder + " are labelled '" + identity.cluster.name +
                         "', and the context says '" + cluster_name +
                         "'; keep the first, or give the context a data folder of its own"};
    }
    Result<http::Certificate> certificate = split_certificate(pem);
    if (!certificate) return certificate.error();
    identity.certificate = std::move(*certificate);
    Result<std::string> pin = http::spki_pin(identity.certificate.certificate_pem);
    if (!pin) return pin.error();
    identity.pin = std::move(*pin);
    return identity;
}

}  // namespace herder
