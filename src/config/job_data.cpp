#include "config/job_data.h"

#include <algorithm>

#include "base/bucket_address.h"
#include "base/confined_path.h"
#include "config/job_keys.h"

namespace herder::config {

namespace {

using namespace job_keys;

constexpr char kMeanwhile[] =
    "give an https address (a signed one of your store works) or a local "
    "path";

// What other programs call the buckets that are read here.
struct OtherName {
    std::string_view scheme;
    const char* ours;
};
constexpr char kAzureForm[] = "az://ACCOUNT/CONTAINER/FOLDER/";
constexpr char kForeignForm[] = "s3://BUCKET/FOLDER/?endpoint=https://HOST";
constexpr OtherName kOtherNames[] = {
    {"gcs", "gs://BUCKET/FOLDER/"}, {"azure", kAzureForm}, {"wasb", kAzureForm},
    {"wasbs", kAzureForm},          {"abfs", kAzureForm},  {"abfss", kAzureForm},
    {"minio", kForeignForm},        {"r2", kForeignForm},  {"b2", kForeignForm}};

bool is_hash(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

void check_name(const Field& field, const std::string& name) {
    if (is_variable(name)) return;
    field.out->error(field.key_place, field.pointer, "'" + name + "' cannot name a secret",
                     "use letters, digits and '_', not a digit first, such as HF_TOKEN");
}

// {name, from, env}; in the form with names as keys `name` is given.
SecretUse read_use(const Field& field, const std::string& name) {
    const Mapping mapping(field, kSecretUse, kDataFamily);
    SecretUse use{.name = name, .stored_as = name};
    if (const auto given = mapping.find("name")) {
        use.name = given->text().value_or("");
        check_name(*given, use.name);
    } else if (name.empty() && field.node->is_mapping()) {
        field.error("a secret here has no name", "write {name: HF_TOKEN, env: true}");
    }
    use.stored_as = use.name;
    if (const auto from = mapping.find("from")) {
        use.stored_as = from->text().value_or(use.name);
        check_name(*from, use.stored_as);
    }
    if (const auto env = mapping.find("env")) use.in_env = env->boolean().value_or(false);
    return use;
}

SecretUse read_listed(const Field& item) {
    if (item.node->is_mapping()) return read_use(item, "");
    const std::string name = item.text().value_or("");
    if (!name.empty()) check_name(item, name);
    return {.name = name, .stored_as = name};
}

SecretUse read_named(const Field& entry) {
    check_name(entry, entry.key);
    if (entry.node->is_mapping()) return read_use(entry, entry.key);
    SecretUse use{.name = entry.key, .stored_as = entry.key};
    if (entry.node->is_null()) return use;
    use.stored_as = entry.text().value_or(entry.key);
    check_name(entry, use.stored_as);
    return use;
}

// What stands before "://"; empty for a path.
std::string scheme_of(const std::string& source) {
    const std::size_t end = source.find("://");
    return end == source.npos ? std::string() : source.substr(0, end);
}

void check_output(const Field& field, const std::string& source) {
    const std::string rest = source.substr(source.find("://") + 3);
    const std::size_t slash = rest.find('/');
    const bool is_good = slash != rest.npos && slash > 0 && slash + 1 < rest.size() &&
                         is_confined_path(rest.substr(slash + 1));
    if (is_good) return;
    field.error("'" + source + "' names no output of a job",
                "write herder://j12/adapter/model.bin, or herder://j12/adapter/ for a folder");
}

void refuse_hash(const Field& field, const DataSource& data, const char* help) {
    if (data.sha256.empty() && !data.unpack) return;
    field.error("'sha256' and 'unpack' are for a URL or an output of a job", help);
}

// "s3://BUCKET", "az://ACCOUNT/CONTAINER": how a source of that scheme begins.
std::string bucket_pattern(const std::string& source) {
    if (source.starts_with("s3://")) return "s3://BUCKET";
    const std::string host = source.substr(0, source.find('/', source.find("://") + 3));
    const bool is_google = source.starts_with("gs://") || host.find(".google") != host.npos;
    return is_google ? "gs://BUCKET" : "az://ACCOUNT/CONTAINER";
}

void check_bucket(const Field& field, DataSource& data) {
    data.kind = DataSource::Kind::kBucket;
    const auto address = parse_bucket_address(data.source);
    // All of a bucket is named by a slash, so that nobody means a folder and gets that.
    const bool is_place =
        address && (!address->key.empty() || without_settings(data.source).ends_with('/'));
    const bool is_https = scheme_of(data.source) == "https";
    const std::string begin = bucket_pattern(data.source);
    if (!address && is_https) {
        field.error("'" + data.source + "' names no place in a bucket",
                    "write " + begin + "/FOLDER/ with the names as they are, not as in a browser");
    } else if (!is_place) {
        field.error("'" + data.source + "' names no place in a bucket",
                    "write " + begin + "/FOLDER/ for all below a folder, " + begin +
                        "/KEY for one object, " + begin + "/ for the whole bucket");
    } else if (is_https) {
        data.source = to_text(*address) + (address->key.empty() ? "/" : "");
    }
    refuse_hash(field, data, "take them out: what comes is held against what the bucket shows now");
}

// An https address of a folder there can be nothing else; one of an object may be fetched as it is,
// as public and signed ones are.
bool is_bucket_source(const std::string& source) {
    const bool is_https = scheme_of(source) == "https";
    return is_bucket_address(source) && (!is_https || source.ends_with('/'));
}

void check_source(const Field& field, DataSource& data) {
    const std::string scheme = scheme_of(data.source);
    for (const char* later : {"hf", "volume", "file"}) {
        if (scheme == later) {
            return field.error("'" + scheme + "://' as a source is not supported yet", kMeanwhile);
        }
    }
    for (const OtherName& other : kOtherNames) {
        if (scheme == other.scheme)
            return field.error("'" + scheme + "://' is no source that is known",
                               std::string("write ") + other.ours);
    }
    if (is_bucket_source(data.source)) return check_bucket(field, data);
    if (scheme == "https" || scheme == "http") {
        data.kind = DataSource::Kind::kUrl;
        if (scheme == "http" && data.sha256.empty()) {
            field.error("'" + data.source + "' is not encrypted, so anybody may change what comes",
                        "write an https address, or {source: ..., sha256: ...}");
        }
    } else if (scheme == "herder") {
        data.kind = DataSource::Kind::kOutput;
        check_output(field, data.source);
    } else if (!scheme.empty()) {
        field.error("'" + scheme + "://' is no source that is known", kMeanwhile);
    } else {
        refuse_hash(field, data, "take them out: a local folder is sent as it is, and verified");
    }
}

void read_mode(const Field& mode) {
    const std::string& word = mode.node->text;
    for (const char* later : {"mount", "cached", "MOUNT", "MOUNT_CACHED"}) {
        if (word == later) {
            return mode.error("mode '" + word + "' is not supported yet",
                              "data is copied to the machine before setup; take the mode out");
        }
    }
    (void)mode.word({"copy", "COPY"});
}

// Text, or {source, sha256, unpack}.
DataSource read_source(const Field& field) {
    DataSource data{.target = field.key};
    if (!field.node->is_mapping()) {
        data.source = field.text().value_or("");
        if (!data.source.empty()) check_source(field, data);
        return data;
    }
    const Mapping mapping(field, kDataInput, kDataFamily);
    if (const auto hash = mapping.find("sha256")) {
        data.sha256 = hash->text().value_or("");
        if (!data.sha256.empty() && !is_hash(data.sha256))
            hash->error("'" + data.sha256 + "' is no SHA-256", "write its 64 hex digits");
    }
    if (const auto unpack = mapping.find("unpack")) data.unpack = unpack->boolean().value_or(false);
    if (const auto mode = mapping.find("mode")) read_mode(*mode);
    const auto source = mapping.find("source");
    if (!source) {
        field.error("'" + field.key + "' has no source", "write " + field.key + ": {source: ...}");
        return data;
    }
    data.source = source->text().value_or("");
    if (!data.source.empty()) check_source(*source, data);
    return data;
}

// "data/" is the folder that the file goes into.
void complete_target(const Field& field, DataSource& data) {
    if (!data.target.ends_with('/')) return;
    const bool is_bucket = data.kind == DataSource::Kind::kBucket;
    const std::string path = is_bucket ? without_settings(data.source)
                                       : data.source.substr(0, data.source.find_first_of("?#"));
    const bool is_object = is_bucket && !path.ends_with('/');
    if ((data.kind != DataSource::Kind::kUrl && !is_object) || data.unpack) {
        while (data.target.size() > 1 && data.target.ends_with('/'))
            data.target.pop_back();
        return;
    }
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name.empty() || path.find('/', path.find("://") + 3) == path.npos)
        field.error("'" + data.source + "' names no file", "give the target a file's name");
    data.target += name;
}

std::vector<DataSource> read_data(const Field& field, bool is_absolute, const char* help) {
    std::vector<DataSource> all;
    for (const Field& entry : field.entries()) {
        DataSource data = read_source(entry);
        complete_target(entry, data);
        const bool starts_right = data.target.starts_with('/') == is_absolute;
        const std::string below = is_absolute && starts_right ? data.target.substr(1) : data.target;
        if (!starts_right || !is_confined_path(below)) {
            entry.out->error(entry.key_place, entry.pointer,
                             "'" + entry.key + "' cannot be a target in " + field.key, help);
        }
        all.push_back(std::move(data));
    }
    return all;
}

}  // namespace

bool is_variable(std::string_view name) {
    const auto is_first = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && is_first(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_first(c) || (c >= '0' && c <= '9'); });
}

std::vector<SecretUse> read_secrets(const Field& secrets) {
    std::vector<SecretUse> uses;
    if (secrets.node->is_sequence()) {
        for (std::size_t i = 0; i < secrets.node->items.size(); ++i)
            uses.push_back(read_listed(secrets.item(i)));
    } else {
        for (const Field& entry : secrets.entries())
            uses.push_back(read_named(entry));
    }
    for (std::size_t i = 0; i < uses.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (uses[k].name == uses[i].name && !uses[i].name.empty())
                secrets.error("the secret '" + uses[i].name + "' stands twice", "take one out");
        }
    }
    return uses;
}

std::vector<DataSource> read_mounts(const Field& mounts) {
    return read_data(mounts, true, "write a full path on the machine, such as /data: ./dataset");
}

std::vector<DataSource> read_inputs(const Field& inputs) {
    return read_data(inputs, false,
                     "write a path below the work folder, such as data/train.bin; for a full path "
                     "use mounts");
}

}  // namespace herder::config
