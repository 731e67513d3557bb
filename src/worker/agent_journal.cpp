#include "worker/agent_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "base/digest.h"
#include "base/record.h"

namespace herder {

namespace {

constexpr std::size_t kHashSize = 64;

Error failed(const std::string& what, const std::string& path) {
    return unavailable(what + " the agent's journal " + path + ": " + std::strerror(errno));
}

}  // namespace

AgentJournal::AgentJournal(std::string path, const std::string& owner)
    : path_(std::move(path)),
      title_("herder-agent journal 1 " + sha256_hex("journal/" + owner).substr(0, 32) + "\n") {}

Status AgentJournal::save(const Note& note) const {
    const std::string record = to_record(note);
    const std::string part = path_ + ".new";
    const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return failed("making", part);
    ::close(fd);
    std::ofstream file(part, std::ios::binary);
    file << title_ << sha256_hex(record) << '\n' << record;
    file.close();
    if (file && ::rename(part.c_str(), path_.c_str()) == 0) return ok();
    const Error why = failed("writing", part);
    ::unlink(part.c_str());
    return why;
}

Result<AgentJournal::Note> AgentJournal::load() const {
    if (::access(path_.c_str(), F_OK) != 0) return not_found("there is no journal " + path_);
    std::ifstream file(path_, std::ios::binary);
    if (!file) return failed("reading", path_);
    // By read(), which reports what goes wrong on the way; an iterator would throw it.
    std::string text;
    std::array<char, 65536> piece{};
    do {
        file.read(piece.data(), piece.size());
        text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    } while (file);
    if (file.bad()) return failed("reading", path_);
    const std::size_t head = title_.size() + kHashSize + 1;
    const auto torn = [this](const std::string& why) {
        return Error{ErrorCode::kCorrupt, "the agent's journal " + path_ + " is " + why};
    };
    if (text.size() < title_.size()) return torn("cut short");
    if (text.compare(0, title_.size(), title_) != 0) {
        return Error{ErrorCode::kConflict, "the journal " + path_ +
                                               " is of another start of this machine or of another "
                                               "version of the agent"};
    }
    if (text.size() < head) return torn("cut short");
    const std::string record = text.substr(head);
    if (text.compare(title_.size(), kHashSize, sha256_hex(record)) != 0)
        return torn("cut short or was changed");
    auto note = from_record<Note>(record);
    if (!note) return torn("not readable: " + note.error().message);
    return note;
}

void AgentJournal::remove() const {
    ::unlink(path_.c_str());
}

}  // namespace herder
