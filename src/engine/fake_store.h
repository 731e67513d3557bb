#pragma once
// A store in memory whose commits go wrong on demand, for the engine's tests. The simulator has its
// own, hostile one.
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "ports/store.h"

namespace herder {

class FakeStore : public Store {
  public:
    // What the next commits do instead of the usual.
    enum class Fault { kNone, kFail, kFence, kLoseBefore, kLoseAfter };

    struct Content {
        std::map<std::pair<Table, std::string>, std::string> rows;
        std::map<std::uint64_t, Event> events;
        Term term;
        CommitMark mark;
    };

    // The content belongs to the test and lives on when this handle is gone.
    explicit FakeStore(Content& content) : content_(content) {}

    std::deque<Fault> faults;
    bool is_reachable = true;  // for reading back

    Result<Term> lead() override { return Term{++content_.term.value}; }

    CommitOutcome commit(Term term, std::uint64_t seq, const Commit& commit) override {
        Fault fault = Fault::kNone;
        if (!faults.empty()) {
            fault = faults.front();
            faults.pop_front();
        }
        if (fault == Fault::kFail) return CommitOutcome::kFailed;
        if (fault == Fault::kFence) return CommitOutcome::kFenced;
        if (fault == Fault::kLoseBefore) return CommitOutcome::kUnknown;
        const CommitOutcome outcome = apply(term, seq, commit);
        return fault == Fault::kLoseAfter ? CommitOutcome::kUnknown : outcome;
    }

    Result<CommitMark> last_commit() override {
        if (!is_reachable) return unavailable("the store is out of reach");
        return content_.mark;
    }

    Status load(const std::function<Status(const RowChange&)>& row) override {
        for (const auto& [key, record] : content_.rows) {
            if (auto taken = row({key.first, key.second, record}); !taken) return taken;
        }
        return ok();
    }

    Status read_events(std::uint64_t after, std::size_t limit,
                       const std::function<Status(const Event&)>& event) override {
        return stream(after, limit, event, [](const Event&) { return true; });
    }
    Status read_job_events(JobId job, std::uint64_t after, std::size_t limit,
                           const std::function<Status(const Event&)>& event) override {
        return stream(after, limit, event,
                      [job](const Event& e) { return e.job == job && !e.row; });
    }

  private:
    CommitOutcome apply(Term term, std::uint64_t seq, const Commit& commit) {
        if (term != content_.term) return CommitOutcome::kFenced;
        if (seq <= content_.mark.seq) return CommitOutcome::kCommitted;
        if (seq != content_.mark.seq + 1) return CommitOutcome::kFailed;
        Content next = content_;
        for (const RowChange& change : commit.changes) {
            if (change.record) {
                next.rows.insert_or_assign({change.table, change.key}, *change.record);
            } else {
                next.rows.erase({change.table, change.key});
            }
        }
        for (const Event& event : commit.events) {
            if (!next.events.emplace(event.seq, event).second) return CommitOutcome::kFailed;
        }
        next.mark = {term, seq, commit.logical_now, commit.wall, commit.moment};
        content_ = std::move(next);
        return CommitOutcome::kCommitted;
    }

    template <class Wanted>
    Status stream(std::uint64_t after, std::size_t limit,
                  const std::function<Status(const Event&)>& visit, Wanted wanted) const {
        for (auto i = content_.events.upper_bound(after); i != content_.events.end(); ++i) {
            if (!wanted(i->second)) continue;
            if (limit-- == 0) break;
            if (auto taken = visit(i->second); !taken) return taken;
        }
        return ok();
    }

    Content& content_;
};

}  // namespace herder
