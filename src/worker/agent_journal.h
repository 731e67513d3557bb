#pragma once
// A file in the agent's folder with what its next process needs, should this one be killed. It
// holds no secret (the session goes through the switch's memory), and it is not flushed to the
// disk: a machine that was started anew has another switch, whose agents do not take it up.
#include <string>

#include "base/id.h"
#include "base/result.h"
#include "core/worker/worker_memory.h"

namespace herder {

class AgentJournal {
  public:
    struct Note {
        IntentId intent;
        std::string storage_roots;  // as the join brought them
        WorkerMemory memory;
        bool operator==(const Note&) const = default;
        template <class Self, class V>
        static void describe(Self& s, V& v) {
            v(1, s.intent);
            v(2, s.storage_roots);
            v(3, s.memory);
        }
    };

    // `owner`: the word of the switch, of which only a hash is written.
    AgentJournal(std::string path, const std::string& owner);

    // Replaces the one before at once or not at all.
    Status save(const Note& note) const;
    // kNotFound: there is none. kConflict: another switch's. kCorrupt: not all of it is there.
    Result<Note> load() const;
    void remove() const;

  private:
    const std::string path_;
    const std::string title_;
};

}  // namespace herder
