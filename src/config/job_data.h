#pragma once
// The keys of a job file that bring data and secrets to the machine: secrets, mounts, inputs.
#include <string>
#include <vector>

#include "config/fields.h"
#include "core/jobs/spec.h"

namespace herder::config {

// Data as the file names it; the command line turns it into a DataInput of the spec.
struct DataSource {
    enum class Kind { kLocal, kUrl, kOutput, kBucket };
    Kind kind = Kind::kLocal;
    std::string target{};  // absolute, or relative to the work folder
    std::string source{};  // a local path, a URL, herder://JOB/PATH, or as base/bucket_address.h
    std::string sha256{};  // empty: not given
    bool unpack = false;
    bool operator==(const DataSource&) const = default;
};

std::vector<SecretUse> read_secrets(const Field& secrets);
// Targets are absolute.
std::vector<DataSource> read_mounts(const Field& mounts);
// Targets are relative to the work folder.
std::vector<DataSource> read_inputs(const Field& inputs);

// True for names of variables and of secrets: letters, digits, '_', not a digit first.
bool is_variable(std::string_view name);

}  // namespace herder::config
