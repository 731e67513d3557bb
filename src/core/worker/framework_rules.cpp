// The rules. Layouts and what is written last: the frameworks' sources as of November 2026
// (transformers 4.57 and 5, accelerate 1.x, lightning 2.x, keras 3, orbax 0.12, torch 2.9,
// deepspeed 0.18, megatron core 0.14).
#include "core/worker/framework_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>

namespace herder {
namespace {

std::optional<std::int64_t> to_number(std::string_view digits) {
    std::int64_t number = 0;
    const auto end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, number);
    if (digits.empty() || error != std::errc{} || at != end || number < 0) return std::nullopt;
    return number;
}

// "checkpoint-500" after "checkpoint-"; nothing for anything else.
std::optional<std::int64_t> number_after(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return std::nullopt;
    return to_number(name.substr(prefix.size()));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The last run of digits; "-v1" at the end is Lightning's word for a second try, not a number.
std::optional<std::int64_t> last_number(std::string_view stem) {
    const std::size_t version = stem.rfind("-v");
    if (version != std::string_view::npos && to_number(stem.substr(version + 2)))
        stem = stem.substr(0, version);
    std::size_t end = stem.size();
    while (end > 0 && !is_digit(stem[end - 1]))
        --end;
    std::size_t begin = end;
    while (begin > 0 && is_digit(stem[begin - 1]))
        --begin;
    return to_number(stem.substr(begin, end - begin));
}

// The number right after "step=" where a word begins: epoch=3-step=400, not val_step=0.4.
std::optional<std::int64_t> number_of_word(std::string_view stem, std::string_view word) {
    for (std::size_t at = stem.find(word); at != std::string_view::npos;
         at = stem.find(word, at + 1)) {
        if (at > 0 && stem[at - 1] != '-' && stem[at - 1] != '.') continue;
        const std::string_view rest = stem.substr(at + word.size());
        return to_number(rest.substr(0, rest.find_first_not_of("0123456789")));
    }
    return std::nullopt;
}

// Lightning writes any metric into its names: only these two words tell how far the training was.
std::optional<std::int64_t> number_of_lightning(std::string_view name) {
    const auto step = number_of_word(name, "step=");
    return step ? step : number_of_word(name, "epoch=");
}

std::optional<std::int64_t> number_of_folder(std::string_view name) {
    return name.ends_with(".ckpt") ? number_of_lightning(name) : last_number(name);
}

// The number that ends the name, apart from the rest: model_500, not resnet50 and not loss-0.23.
std::optional<std::int64_t> number_at_end(std::string_view stem) {
    std::size_t begin = stem.size();
    while (begin > 0 && is_digit(stem[begin - 1]))
        --begin;
    const auto number = to_number(stem.substr(begin));
    if (begin == 0) return number;
    const char mark = stem[begin - 1];
    if (mark != '-' && mark != '_' && mark != '.') return std::nullopt;
    const bool is_fraction = mark == '.' && begin > 1 && is_digit(stem[begin - 2]);
    return is_fraction ? std::nullopt : number;
}

std::optional<std::int64_t> first_number(std::string_view text) {
    const auto begin = std::find_if(text.begin(), text.end(), is_digit);
    const auto end = std::find_if_not(begin, text.end(), is_digit);
    return to_number({begin, end});
}

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// A file's name without what tells its format.
std::string_view stem_of(std::string_view name) {
    constexpr std::string_view kWeights = ".weights.h5";
    if (name.ends_with(kWeights)) return name.substr(0, name.size() - kWeights.size());
    return name.substr(0, name.rfind('.'));
}

bool has_suffix(std::string_view name, std::initializer_list<std::string_view> suffixes) {
    return std::any_of(suffixes.begin(), suffixes.end(),
                       [&](std::string_view suffix) { return name.ends_with(suffix); });
}

// One that is known goes before one that only cannot be told.
void add_fault(CheckpointLayout& layout, const std::string& fault, bool is_untold) {
    if (!layout.fault.empty() && (!layout.is_untold || is_untold)) return;
    layout.fault = fault;
    layout.is_untold = is_untold;
}

CheckpointLayout make_layout(Framework framework, const SeenFolder& folder,
                             std::optional<std::int64_t> step) {
    CheckpointLayout made{framework, folder.path, step, {}, {}};
    for (const SeenFile* file : folder.files) {
        made.files.push_back(*file);
        if (!file->fault.empty())
            add_fault(made, folder.below(*file) + " " + file->fault, file->is_untold);
    }
    return made;
}

void need(CheckpointLayout& layout, bool condition, const std::string& otherwise) {
    if (!condition) add_fault(layout, otherwise, false);
}

// The same for what only says which one is the newest: without its word nothing is known to be
// missing.
void need_told(CheckpointLayout& layout, bool condition, const std::string& otherwise) {
    if (!condition) add_fault(layout, otherwise, true);
}

// All files that an index of shards promises are there.
void need_shards(CheckpointLayout& layout, const SeenFolder& folder) {
    for (const SeenFile* index : folder.files) {
        const std::string at = folder.below(*index);
        const std::string place = at.substr(0, at.rfind('/') + 1);
        for (const std::string& name : index->names)
            need(layout, folder.find(place + name) != nullptr,
                 std::string(last_part(at)) + " promises " + name + ", which is missing");
    }
}

// ---- folders --------------------------------------------------------------------------------

using Rule = std::optional<CheckpointLayout> (*)(const SeenFolder&, const std::vector<SeenFile>&);

const SeenFile* find_in(const std::vector<SeenFile>& all, const std::string& path) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const SeenFile& file) { return file.path == path; });
    return found == all.end() ? nullptr : &*found;
}

std::string beside(const SeenFolder& folder, const std::string& name) {
    return folder.parent.empty() ? name : folder.parent + "/" + name;
}

bool has_weights(const SeenFolder& folder) {
    return std::any_of(folder.files.begin(), folder.files.end(), [&](const SeenFile* file) {
        const std::string at = folder.below(*file);
        const std::string_view name = last_part(at);
        return has_suffix(name, {".safetensors", ".distcp", "model_states.pt"}) ||
               (name.ends_with(".bin") && name.find("model") != std::string_view::npos);
    });
}

// trainer_state.json is written after model, optimizer, scheduler and random states.
std::optional<CheckpointLayout> judge_transformers(const SeenFolder& folder,
                                                   const std::vector<SeenFile>&) {
    const auto step = number_after(folder.name, "checkpoint-");
    if (!step) return std::nullopt;
    CheckpointLayout made = make_layout(Framework::kTransformers, folder, step);
    const SeenFile* state = folder.find("trainer_state.json");
    need(made, folder.find("checkpoint-is-incomplete.txt") == nullptr,
         "checkpoint-is-incomplete.txt is still there");
    need(made, state != nullptr, "trainer_state.json is missing");
    need(made, state == nullptr || state->step == step,
         "trainer_state.json is not of step " + std::to_string(*step));
    need(made, has_weights(folder), "there are no weights");
    need_shards(made, folder);
    return made;
}

// The random states come after model, optimizer, scheduler and sampler; nothing else tells the end.
std::optional<CheckpointLayout> judge_accelerate(const SeenFolder& folder,
                                                 const std::vector<SeenFile>&) {
    const bool is_state =
        folder.find("optimizer.bin") != nullptr || folder.find("random_states_0.pkl") != nullptr;
    auto step = number_after(folder.name, "checkpoint_");
    if (!step && !is_state) return std::nullopt;
    if (!step) step = number_of_folder(folder.name);
    CheckpointLayout made = make_layout(Framework::kAccelerate, folder, step);
    need(made, has_weights(folder), "there are no weights");
    need(made, folder.find("random_states_0.pkl") != nullptr, "random_states_0.pkl is missing");
    need_shards(made, folder);
    return made;
}

std::optional<CheckpointLayout> judge_deepspeed(const SeenFolder& folder,
                                                const std::vector<SeenFile>& all) {
    const bool has_states =
        std::any_of(folder.files.begin(), folder.files.end(), [&](const SeenFile* file) {
            const std::string at = folder.below(*file);
            return at.ends_with("model_states.pt") && at.find('/') == std::string::npos;
        });
    const auto step = number_after(folder.name, "global_step");
    if (!step && !has_states) return std::nullopt;
    CheckpointLayout made =
        make_layout(Framework::kDeepSpeed, folder, step ? step : number_of_folder(folder.name));
    const SeenFile* latest = find_in(all, beside(folder, "latest"));
    need(made, has_states, "there are no model states");
    need_told(made, latest != nullptr, "the file `latest` beside it is missing");
    need_told(made, latest == nullptr || latest->text == folder.name,
              "`latest` names " + (latest != nullptr ? "'" + latest->text + "'" : "nothing"));
    if (latest != nullptr) made.files.push_back(*latest);
    return made;
}

std::optional<CheckpointLayout> judge_megatron(const SeenFolder& folder,
                                               const std::vector<SeenFile>& all) {
    const auto step = number_after(folder.name, "iter_");
    if (!step) return std::nullopt;
    CheckpointLayout made = make_layout(Framework::kMegatron, folder, step);
    const SeenFile* latest = find_in(all, beside(folder, "latest_checkpointed_iteration.txt"));
    need_told(made, latest != nullptr, "latest_checkpointed_iteration.txt beside it is missing");
    need_told(made, latest == nullptr || to_number(latest->text) == step,
              "latest_checkpointed_iteration.txt does not name it");
    if (latest != nullptr) made.files.push_back(*latest);
    return made;
}

// Each process writes a database of its own; the manifest beside them, which joins them, comes
// last.
void need_joined_databases(CheckpointLayout& layout, const SeenFolder& folder) {
    constexpr std::string_view kOfProcess = "ocdbt.process_";
    for (const SeenFile* file : folder.files) {
        const std::string at = folder.below(*file);
        const std::size_t begin = at.find(kOfProcess);
        if (begin == std::string::npos || (begin > 0 && at[begin - 1] != '/')) continue;
        need(layout, folder.find(at.substr(0, begin) + "manifest.ocdbt") != nullptr,
             at.substr(0, begin) + "manifest.ocdbt is missing");
    }
}

// Renamed into place, or, on stores that cannot rename, ended by commit_success.txt.
std::optional<CheckpointLayout> judge_orbax(const SeenFolder& folder,
                                            const std::vector<SeenFile>&) {
    bool is_orbax = folder.find("commit_success.txt") != nullptr ||
                    folder.find("_CHECKPOINT_METADATA") != nullptr;
    bool has_temporary = false;
    for (const SeenFile* file : folder.files) {
        const std::string at = folder.below(*file);
        const std::string_view name = last_part(at);
        // Of this step or of one of its items, not of a step in a folder of steps.
        const std::string item = at.substr(0, at.find('/'));
        const bool is_near = std::count(at.begin(), at.end(), '/') <= 1 && !to_number(item);
        is_orbax |= is_near && (name == "_METADATA" || name == "manifest.ocdbt");
        has_temporary |= at.find(".orbax-checkpoint-tmp") != std::string::npos;
    }
    const auto step =
        to_number(folder.name) ? to_number(folder.name) : number_of_folder(folder.name);
    if (!is_orbax || !step) return std::nullopt;
    CheckpointLayout made = make_layout(Framework::kOrbax, folder, step);
    need(made, !has_temporary, "one of its items is still under a temporary name");
    need_joined_databases(made, folder);
    need(made,
         std::any_of(folder.files.begin(), folder.files.end(),
                     [](const SeenFile* file) {
                         const std::string_view name = last_part(file->path);
                         return name.front() != '_' && name != "commit_success.txt" &&
                                file->size_bytes > 0;
                     }),
         "it holds no data");
    return made;
}

// `.metadata` is written when every rank has written its shards, __RANK_PART.distcp.
std::optional<CheckpointLayout> judge_dcp(const SeenFolder& folder, const std::vector<SeenFile>&) {
    std::vector<bool> ranks;
    for (const SeenFile* file : folder.files) {
        const std::string_view name = last_part(file->path);
        if (!name.starts_with("__") || !name.ends_with(".distcp")) continue;
        if (folder.below(*file) != name) continue;  // of a folder below
        const auto rank = first_number(name);
        if (!rank || *rank > 1'000'000) continue;
        ranks.resize(std::max(ranks.size(), static_cast<std::size_t>(*rank) + 1));
        ranks[static_cast<std::size_t>(*rank)] = true;
    }
    const SeenFile* metadata = folder.find(".metadata");
    if (ranks.empty() && metadata == nullptr) return std::nullopt;
    CheckpointLayout made = make_layout(Framework::kDcp, folder, number_of_folder(folder.name));
    need(made, metadata != nullptr && metadata->size_bytes > 0, ".metadata is missing or empty");
    const auto gap = std::find(ranks.begin(), ranks.end(), false);
    need(made, !ranks.empty(), "there are no shards");
    need(made, gap == ranks.end(),
         "the shard of rank " + std::to_string(gap - ranks.begin()) + " is missing");
    return made;
}

// BackupAndRestore of Keras 3: the weights, then where they are of.
std::optional<CheckpointLayout> judge_keras_backup(const SeenFolder& folder,
                                                   const std::vector<SeenFile>&) {
    const SeenFile* weights = folder.find("latest.weights.h5");
    const SeenFile* metadata = folder.find("training_metadata.json");
    if (metadata == nullptr) return std::nullopt;
    CheckpointLayout made = make_layout(Framework::kKeras, folder, metadata->step);
    need(made, weights != nullptr, "latest.weights.h5 is missing");
    return made;
}

constexpr std::array<Rule, 7> kRules = {judge_transformers, judge_megatron, judge_deepspeed,
                                        judge_accelerate,   judge_dcp,      judge_orbax,
                                        judge_keras_backup};

// ---- files ----------------------------------------------------------------------------------

std::optional<Framework> framework_of_file(std::string_view name) {
    if (name.ends_with(".ckpt")) return Framework::kLightning;
    if (has_suffix(name, {".keras", ".weights.h5"})) return Framework::kKeras;
    if (has_suffix(name, {".pt", ".pth", ".safetensors", ".h5", ".npz"})) return Framework::kPlain;
    return std::nullopt;
}

std::optional<std::int64_t> step_of_file(Framework framework, std::string_view name) {
    const std::string_view stem = stem_of(name);
    return framework == Framework::kLightning ? number_of_lightning(stem) : number_at_end(stem);
}

}  // namespace

const SeenFile* SeenFolder::find(std::string_view below_it) const {
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const SeenFile* file) { return below(*file) == below_it; });
    return found == files.end() ? nullptr : *found;
}

std::string SeenFolder::below(const SeenFile& file) const {
    return path.empty() ? file.path : file.path.substr(path.size() + 1);
}

std::optional<CheckpointLayout> judge_folder(const SeenFolder& folder,
                                             const std::vector<SeenFile>& all) {
    for (const Rule rule : kRules) {
        if (auto made = rule(folder, all)) return made;
    }
    return std::nullopt;
}

std::vector<CheckpointLayout> judge_files(const std::vector<const SeenFile*>& loose) {
    using Key = std::tuple<Framework, std::string, std::optional<std::int64_t>, std::string>;
    std::map<Key, CheckpointLayout> groups;
    for (const SeenFile* file : loose) {
        const std::string_view name = last_part(file->path);
        const auto framework = framework_of_file(name);
        if (!framework) continue;
        const auto step = step_of_file(*framework, name);
        // Only plain files come as several of one number: model_500.pt, optimizer_500.pt.
        const bool is_alone = !step || *framework != Framework::kPlain;
        const std::string place = file->path.substr(0, file->path.size() - name.size());
        CheckpointLayout& group =
            groups[Key{*framework, place, step, is_alone ? file->path : std::string()}];
        if (group.files.empty()) {
            group.framework = *framework;
            group.path = file->path;
            group.step = step;
        }
        group.files.push_back(*file);
        if (!file->fault.empty())
            add_fault(group, std::string(name) + " " + file->fault, file->is_untold);
    }
    std::vector<CheckpointLayout> made;
    for (auto& [key, group] : groups)
        made.push_back(std::move(group));
    return made;
}

bool is_unfinished_name(std::string_view part) {
    constexpr std::string_view kKeep = ".metadata";
    return (part.starts_with('.') && part != kKeep) || part.starts_with("tmp-checkpoint-") ||
           part.starts_with("tmp_") ||
           has_suffix(part, {".tmp", ".part", ".partial", ".incomplete"}) || part == "superseded";
}

}  // namespace herder
