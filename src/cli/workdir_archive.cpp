#include "cli/workdir_archive.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "cli/ignore_rules.h"
#include "cli/local_files.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 512;
constexpr std::size_t kFilesMax = 100'000;
constexpr std::uint64_t kFileSizeMax = 8ULL << 30;  // of the ustar size field

void put(std::string& block, std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
}

// `digits` octal digits; the byte after them stays NUL.
void put_octal(std::string& block, std::size_t at, std::size_t digits, std::uint64_t value) {
    for (std::size_t i = digits; i-- > 0; value /= 8)
        block[at + i] = static_cast<char>('0' + value % 8);
}

Status put_path(std::string& block, const std::string& path) {
    if (path.size() <= 100) {
        put(block, 0, path);
        return ok();
    }
    // The name takes what follows a slash, the prefix what is before it.
    const std::size_t slash = path.find('/', path.size() - 101);
    if (slash == path.npos || slash > 155 || slash + 1 == path.size()) {
        return invalid("the path '" + path +
                       "' is too long for an archive; shorten it or add it "
                       "to .herderignore");
    }
    put(block, 345, path.substr(0, slash));
    put(block, 0, path.substr(slash + 1));
    return ok();
}

TarEntry entry_of(const fs::path& place, const std::string& path, std::error_code& failed) {
    TarEntry entry{.path = path};
    const fs::file_status status = fs::symlink_status(place, failed);
    if (fs::is_symlink(status)) {
        entry.type = '2';
        entry.link_target = fs::read_symlink(place, failed).string();
    } else if (fs::is_directory(status)) {
        entry.type = '5';
        entry.path += '/';
        entry.executable = true;
    } else {
        entry.executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
        entry.size = fs::file_size(place, failed);
    }
    return entry;
}

// Relative paths of all that is to be packed.
Result<std::vector<std::string>> list_folder(const fs::path& folder, const IgnoreRules& rules) {
    std::vector<std::string> paths;
    std::error_code failed;
    auto it = fs::recursive_directory_iterator(folder, failed);
    for (; !failed && it != fs::recursive_directory_iterator(); it.increment(failed)) {
        const std::string path = it->path().lexically_relative(folder).generic_string();
        const fs::file_status status = it->symlink_status(failed);
        const bool is_folder = fs::is_directory(status);
        const bool is_packable = is_folder || fs::is_regular_file(status) || fs::is_symlink(status);
        if (!is_packable || rules.is_ignored(path, is_folder)) {
            if (is_folder) it.disable_recursion_pending();
            continue;
        }
        paths.push_back(path);
        if (paths.size() > kFilesMax) {
            return invalid("the work folder '" + folder.string() + "' has more than " +
                           std::to_string(kFilesMax) + " files; leave some out in .herderignore");
        }
    }
    if (failed) return invalid("cannot read '" + folder.string() + "': " + failed.message());
    std::sort(paths.begin(), paths.end());
    return paths;
}

Status pack_content(GzipFile& out, const fs::path& place, std::uint64_t size) {
    std::ifstream file(place, std::ios::binary);
    std::string piece(1 << 20, '\0');
    std::uint64_t left = size;
    while (left > 0) {
        const std::uint64_t wanted = std::min<std::uint64_t>(left, piece.size());
        file.read(piece.data(), static_cast<std::streamsize>(wanted));
        if (static_cast<std::uint64_t>(file.gcount()) != wanted) {
            return unavailable("cannot read '" + place.string() + "' whole; is it being changed?");
        }
        const Status written = out.write(std::string_view(piece).substr(0, wanted));
        if (!written) return written;
        left -= wanted;
    }
    return out.write(std::string((kBlock - size % kBlock) % kBlock, '\0'));
}

Status pack_one(WorkdirArchive& archive, const fs::path& folder, const std::string& path) {
    std::error_code failed;
    const TarEntry entry = entry_of(folder / path, path, failed);
    if (failed) return unavailable("cannot read '" + path + "': " + failed.message());
    const Result<std::string> header = tar_header(entry);
    if (!header) return header.error();
    const Status written = archive.file->write(*header);
    if (!written || entry.type != '0') return written;
    ++archive.files;
    archive.bytes += entry.size;
    return pack_content(*archive.file, folder / path, entry.size);
}

}  // namespace

Result<std::string> tar_header(const TarEntry& entry) {
    if (entry.link_target.size() > 100 || entry.size >= kFileSizeMax) {
        return invalid("'" + entry.path +
                       "' does not fit into an archive (a link of more than 100 "
                       "characters or a file of 8 GB); add it to .herderignore");
    }
    std::string block(kBlock, '\0');
    const Status named = put_path(block, entry.path);
    if (!named) return named.error();
    put_octal(block, 100, 7, entry.executable ? 0755 : 0644);
    put_octal(block, 108, 7, 0);  // owner
    put_octal(block, 116, 7, 0);  // group
    put_octal(block, 124, 11, entry.size);
    put_octal(block, 136, 11, 0);  // time
    block[156] = entry.type;
    put(block, 157, entry.link_target);
    put(block, 257, std::string_view("ustar\00000", 8));
    put_octal(block, 329, 7, 0);  // device numbers, as GNU tar writes them
    put_octal(block, 337, 7, 0);
    put(block, 148, "        ");  // the sum is taken with blanks in its place
    std::uint64_t sum = 0;
    for (const char c : block)
        sum += static_cast<unsigned char>(c);
    put_octal(block, 148, 6, sum);
    block[154] = '\0';
    return block;
}

Result<WorkdirArchive> pack_workdir(const std::string& folder) {
    std::error_code failed;
    const fs::path root = fs::weakly_canonical(folder, failed);
    if (failed || !fs::is_directory(root)) {
        return invalid("the work folder '" + folder + "' is not a folder");
    }
    IgnoreRules rules;
    const Result<std::string> more = read_file((root / ".herderignore").string());
    if (more) rules.add_lines(*more);
    const Result<std::vector<std::string>> paths = list_folder(root, rules);
    if (!paths) return paths.error();
    Result<std::unique_ptr<GzipFile>> file = GzipFile::create();
    if (!file) return file.error();
    WorkdirArchive archive{.file = std::move(*file)};
    for (const std::string& path : *paths) {
        const Status packed = pack_one(archive, root, path);
        if (!packed) return packed.error();
    }
    const Status ended = archive.file->write(std::string(2 * kBlock, '\0'));
    if (!ended) return ended.error();
    const Status finished = archive.file->finish();
    if (!finished) return finished.error();
    return archive;
}

}  // namespace herder::cli
