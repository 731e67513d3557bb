#include "worker/file_structure.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace herder {
namespace {

constexpr std::int64_t kTail = 64 * 1024 + 22;  // the longest comment of a ZIP and its last record
constexpr std::int64_t kTextMax = 64LL << 20;   // trainer_state.json holds the log of the run
constexpr std::int64_t kHeaderMax = 100'000'000;  // of safetensors, by its own definition
constexpr std::string_view kCutOff = "is cut off: ";

class Reader {
  public:
    explicit Reader(const std::string& path)
        : handle_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {}
    ~Reader() {
        if (handle_ >= 0) ::close(handle_);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    bool is_open() const { return handle_ >= 0; }

    // Shorter than asked for where the file ends.
    std::string read(std::int64_t at, std::int64_t size) const {
        std::string text(static_cast<std::size_t>(std::max<std::int64_t>(size, 0)), '\0');
        std::size_t have = 0;
        while (have < text.size()) {
            const ssize_t n = ::pread(handle_, text.data() + have, text.size() - have,
                                      at + static_cast<std::int64_t>(have));
            if (n <= 0) break;
            have += static_cast<std::size_t>(n);
        }
        text.resize(have);
        return text;
    }

  private:
    int handle_;
};

// Little-endian, as all formats below have it.
std::uint64_t number_at(std::string_view text, std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(text[at + i]);
    return value;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The number after `at`, past anything but digits; and where it ends.
std::uint64_t next_number(std::string_view text, std::size_t& at) {
    while (at < text.size() && !is_digit(text[at]))
        ++at;
    std::uint64_t value = 0;
    for (; at < text.size() && is_digit(text[at]); ++at)
        value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
    return value;
}

std::string cut_off(const std::string& how) {
    return std::string(kCutOff) + how;
}

// 8 bytes of length, a JSON header, then exactly the bytes that the header speaks of.
std::string safetensors_fault(const Reader& reader, std::int64_t size) {
    const std::string prefix = reader.read(0, 8);
    if (prefix.size() < 8) return cut_off("it has no header");
    const std::uint64_t length = number_at(prefix, 0, 8);
    if (length > static_cast<std::uint64_t>(kHeaderMax)) return "has no header of safetensors";
    const auto header_size = static_cast<std::int64_t>(length);
    if (8 + header_size > size) return cut_off("its header is not whole");
    const std::string header = reader.read(8, header_size);
    std::uint64_t end = 0;
    constexpr std::string_view kKey = "\"data_offsets\"";
    for (std::size_t at = header.find(kKey); at != std::string::npos; at = header.find(kKey, at)) {
        at += kKey.size();
        next_number(header, at);
        end = std::max(end, next_number(header, at));
    }
    const std::uint64_t wanted = 8 + length + end;
    if (wanted == static_cast<std::uint64_t>(size)) return {};
    return cut_off(std::to_string(size) + " of " + std::to_string(wanted) + " bytes");
}

// The record at the end of a ZIP that names its directory; npos: there is none.
std::size_t find_zip_end(std::string_view tail) {
    for (std::size_t at = tail.rfind("PK\5\6"); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : tail.rfind("PK\5\6", at - 1)) {
        if (at + 22 <= tail.size() && at + 22 + number_at(tail, at + 20, 2) == tail.size())
            return at;
    }
    return std::string_view::npos;
}

// torch.save since 1.6, Keras, numpy: a ZIP, whose directory comes last.
std::string zip_fault(const Reader& reader, std::int64_t size, bool is_joined) {
    const std::int64_t begin = std::max<std::int64_t>(0, size - kTail);
    const std::string tail = reader.read(begin, size - begin);
    const std::size_t end = find_zip_end(tail);
    if (end == std::string_view::npos) return cut_off("the directory at its end is missing");
    if (is_joined) return {};  // several archives in one file: places count from the last one
    std::uint64_t bytes = number_at(tail, end + 12, 4);
    std::uint64_t at = number_at(tail, end + 16, 4);
    if (at == 0xffffffffU || bytes == 0xffffffffU) {  // over 4 GB: a locator stands before
        if (end < 20 || tail.compare(end - 20, 4, "PK\6\7") != 0)
            return cut_off("the directory at its end is missing");
        const std::uint64_t record_at = number_at(tail, end - 20 + 8, 8);
        const std::string record = reader.read(static_cast<std::int64_t>(record_at), 56);
        if (record.size() < 56 || record.compare(0, 4, "PK\6\6") != 0)
            return cut_off("its directory is not where it should be");
        bytes = number_at(record, 40, 8);
        at = number_at(record, 48, 8);
    }
    const std::uint64_t end_at = static_cast<std::uint64_t>(begin) + end;
    if (at > end_at || bytes > end_at - at)
        return cut_off("its directory is not where it should be");
    if (bytes > 0 && reader.read(static_cast<std::int64_t>(at), 4) != "PK\1\2")
        return cut_off("its directory is not where it should be");
    return {};
}

// The superblock says where the file ends (HDF5 file format 3.0, section II.A).
std::string hdf5_fault(const Reader& reader, std::int64_t size) {
    const std::string head = reader.read(0, 64);
    if (head.size() < 48 || head.compare(0, 8, "\x89HDF\r\n\x1a\n") != 0)
        return "is no whole HDF5 file";
    const int version = head[8];
    if (version < 0 || version > 3) return {};
    const std::size_t sizes = version < 2 ? 13 : 9;
    if (head[sizes] != 8) return {};  // addresses of another width are not Keras's
    const std::size_t end_at = version == 0 ? 40 : version == 1 ? 44 : 28;
    const std::uint64_t wanted = number_at(head, end_at, 8);
    if (static_cast<std::uint64_t>(size) >= wanted) return {};
    return cut_off(std::to_string(size) + " of " + std::to_string(wanted) + " bytes");
}

// Frameworks write NaN into JSON, which no parser takes; that every bracket is closed is enough.
std::string json_fault(std::string_view text) {
    int depth = 0;
    bool is_string = false;
    bool has_value = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_string) {
            if (c == '\\') ++i;
            if (c == '"') is_string = false;
            continue;
        }
        if (c == '"') is_string = true;
        if (c == '{' || c == '[') {
            ++depth;
            has_value = true;
        }
        if (c == '}' || c == ']') --depth;
    }
    if (depth != 0 || is_string || !has_value) return cut_off("its brackets are not closed");
    return {};
}

std::optional<std::int64_t> step_in(std::string_view text, std::string_view key) {
    std::size_t at = text.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    at += key.size();
    const std::size_t number = text.find_first_not_of(": \t\r\n", at);
    if (number == std::string_view::npos || !is_digit(text[number])) return std::nullopt;
    at = number;
    return static_cast<std::int64_t>(next_number(text, at));
}

// Every text in the index that is the name of a file with weights.
std::vector<std::string> names_in(std::string_view text) {
    std::set<std::string> names;
    for (std::size_t at = text.find('"'); at != std::string_view::npos;
         at = text.find('"', at + 1)) {
        const std::size_t end = text.find('"', at + 1);
        if (end == std::string_view::npos) break;
        const std::string_view name = text.substr(at + 1, end - at - 1);
        const bool is_file = name.ends_with(".safetensors") || name.ends_with(".bin");
        if (is_file && name.find('/') == std::string_view::npos) names.emplace(name);
        at = end;
    }
    return {names.begin(), names.end()};
}

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.pop_back();
    return text;
}

// What Orbax writes as JSON without saying so in the name.
bool is_orbax_json(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return name == "_CHECKPOINT_METADATA" || name == "_METADATA" || name == "_sharding" ||
           path.find("array_metadatas/") != std::string_view::npos;
}

// Written when a save begins, and once more with the time when it is complete: with a commit file
// instead of a rename nothing else tells a folder that is being filled.
std::string commit_fault(std::string_view text) {
    constexpr std::string_view kKey = "\"commit_timestamp_nsecs\":";
    const std::size_t at = text.find(kKey);
    if (at == std::string_view::npos) return {};  // Orbax before 0.6
    const std::size_t value = text.find_first_not_of(' ', at + kKey.size());
    if (value == std::string_view::npos || !text.substr(value).starts_with("null")) return {};
    return "says that the checkpoint was not committed";
}

void read_json(const Reader& reader, SeenFile& file) {
    if (file.size_bytes > kTextMax) return;
    const std::string text = reader.read(0, file.size_bytes);
    file.fault = json_fault(text);
    if (file.fault.empty() && file.path.ends_with("_CHECKPOINT_METADATA"))
        file.fault = commit_fault(text);
    if (file.path.ends_with("trainer_state.json")) file.step = step_in(text, "\"global_step\"");
    if (file.path.ends_with("training_metadata.json")) file.step = step_in(text, "\"epoch\"");
    if (file.path.ends_with(".index.json")) file.names = names_in(text);
}

// A pickle ends with its STOP, a ZIP is looked at as such. Since protocol 4 it comes in frames that
// tell their length, and a byte that looks like STOP within one does not end it.
std::string pickle_fault(const Reader& reader, std::int64_t size, bool is_joined) {
    const std::string head = reader.read(0, 4);
    if (head == "PK\3\4") return zip_fault(reader, size, is_joined);
    constexpr std::int64_t kFrameHead = 9;
    const bool has_frames = head.size() > 1 && head[0] == '\x80' && head[1] >= 4;
    for (std::int64_t at = 2; has_frames && at < size;) {
        const std::string frame = reader.read(at, kFrameHead);
        if (frame.empty() || frame[0] != '\x95') break;  // large values stand between frames
        if (frame.size() < kFrameHead) return cut_off("a frame of its pickle has no length");
        const std::uint64_t length = number_at(frame, 1, 8);
        if (length > static_cast<std::uint64_t>(size - at - kFrameHead))
            return cut_off("a frame of its pickle is not whole");
        at += kFrameHead + static_cast<std::int64_t>(length);
    }
    if (reader.read(size - 1, 1) == ".") return {};
    return cut_off("it does not end as a pickle does");
}

// A magic number, and how long the manifest is (tensorstore, kvstore/ocdbt/format, November 2026).
std::string ocdbt_fault(const Reader& reader, std::int64_t size) {
    const std::string head = reader.read(0, 12);
    if (head.size() < 12) return cut_off("it has no header");
    if (!head.starts_with("\x0c\xdb\x3a\x2a")) return "is no manifest of OCDBT";
    const std::uint64_t wanted = number_at(head, 4, 8);
    if (wanted == static_cast<std::uint64_t>(size)) return {};
    return cut_off(std::to_string(size) + " of " + std::to_string(wanted) + " bytes");
}

bool has_suffix(std::string_view name, std::initializer_list<std::string_view> suffixes) {
    return std::any_of(suffixes.begin(), suffixes.end(),
                       [&](std::string_view suffix) { return name.ends_with(suffix); });
}

// Other programs give the suffix to files of text.
bool is_dcp_metadata(std::string_view name) {
    return name.substr(name.rfind('/') + 1) == ".metadata";
}

std::string fault_of(const Reader& reader, SeenFile& file) {
    const std::string_view name = file.path;
    if (name.ends_with(".safetensors")) return safetensors_fault(reader, file.size_bytes);
    if (has_suffix(name, {".keras", ".npz"})) return zip_fault(reader, file.size_bytes, false);
    if (has_suffix(name, {".h5", ".hdf5"})) return hdf5_fault(reader, file.size_bytes);
    if (name.ends_with(".pkl") || is_dcp_metadata(name))
        return pickle_fault(reader, file.size_bytes, false);
    if (name.ends_with("manifest.ocdbt")) return ocdbt_fault(reader, file.size_bytes);
    const std::string head = reader.read(0, 4);
    if (head.size() < 4) return cut_off("it has no header");
    const bool is_zip = head == "PK\3\4";
    if (has_suffix(name, {".pt", ".pth", ".ckpt"})) {
        if (is_zip) return zip_fault(reader, file.size_bytes, false);
        file.is_untold = true;
        return "is no ZIP archive, so that it cannot be told whether it is whole (torch.save "
               "writes one since 1.6)";
    }
    if (name.ends_with(".bin") && is_zip) return zip_fault(reader, file.size_bytes, false);
    if (name.ends_with(".distcp") && is_zip) return zip_fault(reader, file.size_bytes, true);
    return {};
}

}  // namespace

void read_structure(const std::string& path, SeenFile& file) {
    const std::string_view name = file.path;
    const bool is_text = name == "latest" || name.ends_with("/latest") ||
                         name.ends_with("latest_checkpointed_iteration.txt");
    const bool is_json = name.ends_with(".json") || is_orbax_json(name);
    const bool is_known =
        is_text || is_json ||
        has_suffix(name, {".safetensors", ".pt", ".pth", ".ckpt", ".bin", ".distcp", ".keras",
                          ".h5", ".hdf5", ".npz", ".pkl", "manifest.ocdbt"}) ||
        is_dcp_metadata(name);
    if (!is_known) return;
    const Reader reader(path);
    if (!reader.is_open()) {
        file.fault = "cannot be opened";
        file.is_untold = true;
    } else if (file.size_bytes == 0) {
        file.fault = cut_off("it is empty");
    } else if (is_text) {
        file.text = trimmed(reader.read(0, std::min<std::int64_t>(file.size_bytes, 256)));
    } else if (is_json) {
        read_json(reader, file);
    } else {
        file.fault = fault_of(reader, file);
    }
}

}  // namespace herder
