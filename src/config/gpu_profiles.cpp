#include "config/gpu_profiles.h"

#include <algorithm>

#include "base/suggest.h"
#include "config/accelerators.h"
#include "config/fields.h"

namespace herder::config {

namespace {

using Use = KeyRule::Use;

constexpr KeyRule kTopKeys[] = {
    {"version"},
    {"profiles"},
    {"defaults", Use::kNotYet, "let profiles share values with extends"},
};

constexpr KeyRule kProfileKeys[] = {
    {"description"},
    {"extends"},
    {"gpu_name"},
    {"num_gpus"},
    {"max_dph"},
    {"max_dph_per_gpu"},
    {"reliability_min"},
    {"max_duration_hours"},
    {"market"},
    {"disk_gb"},
    {"image"},
    {"default", Use::kNotYet},
    {"providers", Use::kNotYet},
    {"regions", Use::kNotYet},
    {"min_gpu_ram_gb", Use::kNotYet, "a job file can ask for it: accelerators: A100:80GB:1"},
    {"cuda_min", Use::kNotYet},
    {"verified", Use::kNotYet},
    {"min_inet_down_mbps", Use::kNotYet},
    {"min_inet_up_mbps", Use::kNotYet},
    {"direct_ports_min", Use::kNotYet},
    {"max_preemptions", Use::kNotYet},
    {"checkpoint_every", Use::kNotYet, "write checkpoint: {every: 25 steps} in the job file"},
    {"locked", Use::kNotYet},
};

constexpr Section kTop{"", kTopKeys};
constexpr Section kProfile{"profile", kProfileKeys};
constexpr Section kFamily[] = {kTop, kProfile};

constexpr int kGpusMax = 64;

void read_price(const Mapping& mapping, Profile& profile) {
    const auto whole = mapping.find("max_dph");
    const auto each = mapping.find("max_dph_per_gpu");
    if (whole && each) {
        each->out->error(each->key_place, each->pointer,
                         "'max_dph' and 'max_dph_per_gpu' are both given",
                         "keep one: max_dph is the price of the whole machine");
        return;
    }
    const auto& given = whole ? whole : each;
    if (!given) return;
    profile.price_place = given->key_place;
    profile.price_place.length =
        given->node->place.column + given->node->place.length - given->key_place.column;
    if (const auto amount = given->dollars()) {
        profile.price_max = PriceLimit{{amount->micros}, !whole};
    }
}

void read_gpu(const Mapping& mapping, Profile& profile) {
    if (const auto gpu = mapping.find("gpu_name")) {
        if (const auto name = gpu->text()) profile.gpu_name = canonical_gpu(*gpu, *name);
    }
    if (const auto count = mapping.find("num_gpus")) {
        if (const auto n = count->integer(1, kGpusMax)) profile.gpu_count = static_cast<int>(*n);
    }
}

void read_rest(const Mapping& mapping, Profile& profile) {
    if (const auto f = mapping.find("reliability_min")) {
        profile.reliability_min_ppm = f->parts_per_million();
    }
    if (const auto f = mapping.find("max_duration_hours")) profile.max_duration = f->hours_number();
    if (const auto f = mapping.find("market")) profile.market = read_market(*f);
    if (const auto f = mapping.find("disk_gb")) {
        if (const auto n = f->integer(1, 100'000)) profile.disk = gigabytes(*n);
    }
    if (const auto f = mapping.find("image")) profile.image = f->text();
    if (const auto f = mapping.find("description")) (void)f->text();
}

// Values that `own` leaves out come from `base`.
template <typename T>
void inherit(std::optional<T>& own, const std::optional<T>& base) {
    if (!own) own = base;
}

void extend(Profile& own, const Profile& base) {
    inherit(own.gpu_name, base.gpu_name);
    inherit(own.gpu_count, base.gpu_count);
    if (!own.price_max) own.price_place = base.price_place;
    inherit(own.price_max, base.price_max);
    inherit(own.reliability_min_ppm, base.reliability_min_ppm);
    inherit(own.max_duration, base.max_duration);
    inherit(own.market, base.market);
    inherit(own.disk, base.disk);
    inherit(own.image, base.image);
}

// A profile extends one that stands before it, so that no circle is possible.
void read_extends(const Mapping& mapping, const Profiles& profiles, Profile& profile) {
    const auto field = mapping.find("extends");
    if (!field) return;
    const auto name = field->text();
    if (!name) return;
    if (const Profile* base = profiles.find(*name)) return extend(profile, *base);
    const std::string near = did_you_mean(*name, profiles.names());
    field->error("no profile '" + *name + "' stands before '" + profile.name + "'",
                 near.empty() ? "a profile extends one that stands above it" : near);
}

}  // namespace

const Profile* Profiles::find(const std::string& name) const {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Profile& p) { return p.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> Profiles::names() const {
    std::vector<std::string> list;
    for (const Profile& profile : all)
        list.push_back(profile.name);
    return list;
}

void Profiles::add_missing(const Profiles& farther) {
    for (const Profile& profile : farther.all) {
        if (find(profile.name) == nullptr) all.push_back(profile);
    }
}

Profiles parse_profiles(const std::string& text, Diagnostics& out) {
    Profiles profiles;
    const auto parsed = parse_yaml(text);
    if (const auto* error = std::get_if<YamlError>(&parsed)) {
        out.error(error->place, "", error->message, error->help);
        return profiles;
    }
    const Field root{&std::get<Node>(parsed), {}, "", "", &out};
    const Mapping top(root, kTop, kFamily);
    if (const auto version = top.find("version")) (void)version->integer(1, 1);
    const auto list = top.find("profiles");
    if (!list) {
        out.error({}, "", "'profiles' is missing", "write profiles: {NAME: {gpu_name: RTX_4090}}");
        return profiles;
    }
    for (const Field& field : list->entries()) {
        Profile profile;
        profile.name = field.key;
        profile.file = out.file();
        profile.line = field.key_place.line;
        if (!is_name(field.key)) {
            out.error(field.key_place, field.pointer, "'" + field.key + "' cannot name a profile",
                      "use lower-case letters, digits and '-'");
        }
        const Mapping mapping(field, kProfile, kFamily);
        read_gpu(mapping, profile);
        read_price(mapping, profile);
        read_rest(mapping, profile);
        read_extends(mapping, profiles, profile);
        profiles.all.push_back(std::move(profile));
    }
    return profiles;
}

}  // namespace herder::config
