#pragma once
// Deletes folders in pieces, and archives of work folders, that no job needs any more. For the
// files' thread alone, which also stores them: nothing comes in between a look and a deletion, and
// what is stored or looked for between two slices is noted.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/document_cache.h"
#include "core/step/state.h"

namespace herder::api {

// The keys of trees and archives that jobs name which have not ended, or not long ago.
std::set<std::string> trees_in_use(const State& state, Instant now);

class TreeSweep {
  public:
    explicit TreeSweep(ObjectStore& objects) : objects_(objects), trees_(objects, kTrees) {}

    // This object was seen to be there, and somebody may count on it for a day.
    void note(const std::string& key, WallTime now);
    bool is_noted(const std::string& key) const { return noted_.contains(key); }
    // At most once an hour, and not in the first one.
    bool is_due(WallTime now);
    struct Swept {
        std::size_t trees = 0;  // and archives
        std::size_t chunks = 0;
        bool operator==(const Swept&) const = default;
    };
    // A new round, which ends the one before. What is younger than a week stays, whoever needs it.
    void begin(std::set<std::string> used, WallTime now);
    // One slice of it, so that nobody waits long for this thread. Nothing: it goes on. Else the
    // round is over, as it is after an error.
    Result<std::optional<Swept>> step(WallTime now);

  private:
    struct Round {
        std::set<std::string> used;
        std::optional<std::vector<ObjectInfo>> trees;  // and archives; nothing: not listed yet
        std::size_t next_tree = 0;
        std::set<std::string> chunks_used;
        unsigned next_shard = 0;
        Swept swept;
    };
    bool may_go(const ObjectInfo& info, WallTime now) const;
    Status list_trees();
    Status sweep_trees(WallTime now);
    Status sweep_chunks(WallTime now);

    ObjectStore& objects_;
    TreeCache trees_;
    std::map<std::string, WallTime> noted_;
    bool is_sweeping_ = false;
    Round round_;    // of it
    WallTime next_;  // 0: not asked yet
};

}  // namespace herder::api
