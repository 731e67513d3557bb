#pragma once
// Deletes folders in pieces, and archives of work folders, that no job needs any more. For the
// files' thread alone, which also stores them: nothing comes in between a look and a deletion.
#include <map>
#include <set>
#include <string>

#include "api/document_cache.h"
#include "core/step/state.h"

namespace herder::api {

// The keys of trees and archives that jobs name which have not ended, or not long ago.
std::set<std::string> trees_in_use(const State& state, Instant now);

class TreeSweep {
  public:
    explicit TreeSweep(ObjectStore& objects) : objects_(objects), trees_(objects, kTrees) {}

    // Somebody was told that this object is there and may count on it.
    void note(const std::string& key, WallTime now);
    // At most once an hour, and not in the first one.
    bool is_due(WallTime now);
    struct Swept {
        std::size_t trees = 0;  // and archives
        std::size_t chunks = 0;
    };
    // What is younger than a week stays, whoever needs it. A limited number goes at once.
    Result<Swept> run(const std::set<std::string>& used, WallTime now);

  private:
    bool may_go(const ObjectInfo& info, WallTime now) const;
    Result<std::size_t> sweep_trees(const std::string& prefix, const std::set<std::string>& used,
                                    WallTime now, std::set<std::string>& chunks_used);

    ObjectStore& objects_;
    TreeCache trees_;
    std::map<std::string, WallTime> noted_;
    WallTime next_;  // 0: not asked yet
};

}  // namespace herder::api
