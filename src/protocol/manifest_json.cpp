#include "protocol/manifest_json.h"

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "protocol/agent_fields.h"
#include "protocol/sealed_json.h"

namespace herder::protocol {

namespace {

struct ManifestFile {
    CheckpointFile file;
    std::string object;
};

struct Manifest {
    int format = 0;
    JobId job;
    Fence fence;
    CheckpointId id;
    std::string name;
    std::uint64_t seq = 0;
    CheckpointId parent;
    std::int64_t step = 0;
    CheckpointKind kind = CheckpointKind::kPeriodic;
    std::vector<ManifestFile> files;
    std::map<std::string, std::string> metrics;  // decimal text, exact
};

template <class S, class V>
void fields(As<ManifestFile>, S& s, V& v) {
    fields(As<CheckpointFile>{}, s.file, v);
    v("object", s.object);
}
template <class S, class V>
void fields(As<Manifest>, S& s, V& v) {
    v("format", s.format);
    v("job", s.job);
    v("fence", s.fence);
    v("checkpoint", s.id);
    v("name", s.name);
    v("seq", s.seq);
    v("parent", s.parent);
    v("step", s.step);
    v("kind", s.kind);
    v("files", s.files);
    v("metrics", s.metrics);
}

constexpr std::string_view kLabel = "herder-manifest-1";

std::string object_name(std::size_t index) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "o/%04zu", index);
    return text.data();
}

std::string find_fault(const Manifest& manifest) {
    if (manifest.format != kManifestFormat) {
        return "it has format " + std::to_string(manifest.format) + ", this program reads format " +
               std::to_string(kManifestFormat);
    }
    if (!manifest.job || !manifest.id || manifest.seq == 0 ||
        manifest.name != make_checkpoint_name(manifest.step, manifest.fence, manifest.id)) {
        return "it does not say of which checkpoint it is";
    }
    CheckpointOffer offer;
    offer.step = manifest.step;
    offer.local_seq = 1;
    offer.metrics = manifest.metrics;
    for (std::size_t i = 0; i < manifest.files.size(); ++i) {
        if (manifest.files[i].object != object_name(i)) return "its objects are out of order";
        offer.files.push_back(manifest.files[i].file);
    }
    return find_offer_fault(offer);
}

}  // namespace

std::string write_manifest(const Checkpoint& checkpoint, std::uint64_t commit_seq,
                           std::string_view mac_key) {
    Manifest manifest;
    manifest.format = kManifestFormat;
    manifest.job = checkpoint.attempt.job;
    manifest.fence = checkpoint.attempt.fence;
    manifest.id = checkpoint.id;
    manifest.name = checkpoint.name;
    manifest.seq = commit_seq;
    manifest.parent = checkpoint.parent;
    manifest.step = checkpoint.step;
    manifest.kind = checkpoint.kind;
    manifest.metrics = checkpoint.metrics;
    for (std::size_t i = 0; i < checkpoint.files.size(); ++i)
        manifest.files.push_back({checkpoint.files[i], object_name(i)});
    return seal_json(write_document(manifest), kLabel, mac_key);
}

Result<Checkpoint> parse_manifest(std::string_view text) {
    const auto manifest = read_document<Manifest>(text, kManifestSizeMax);
    if (!manifest) return manifest.error().with_context("reading a manifest");
    if (const std::string fault = find_fault(*manifest); !fault.empty()) {
        return invalid("reading a manifest: " + fault);
    }
    Checkpoint checkpoint;
    checkpoint.id = manifest->id;
    checkpoint.attempt = {manifest->job, manifest->fence};
    checkpoint.step = manifest->step;
    checkpoint.kind = manifest->kind;
    checkpoint.name = manifest->name;
    checkpoint.parent = manifest->parent;
    checkpoint.metrics = manifest->metrics;
    checkpoint.state = CheckpointState::kCommitted;
    checkpoint.commit_seq = manifest->seq;
    checkpoint.manifest_sha256 = sha256_hex(text);
    for (const ManifestFile& file : manifest->files)
        checkpoint.files.push_back(file.file);
    return checkpoint;
}

bool is_manifest_authentic(std::string_view text, std::string_view mac_key) {
    return is_sealed_json(text, kLabel, mac_key);
}

}  // namespace herder::protocol
