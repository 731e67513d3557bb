#pragma once
// What waits to be done: ranks in order, and within a rank the owners in turn, so that whoever has
// much waiting does not hold up whoever has little. Has a limit. Not thread-safe.
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace herder {

template <class T>
class FairQueue {
  public:
    explicit FairQueue(std::size_t size_max) : size_max_(size_max) {}

    // False, and nothing happens, when it is full. A smaller rank goes first.
    bool push(int rank, const std::string& owner, T item) {
        if (size_ >= size_max_) return false;
        Rank& of_rank = ranks_[rank];
        std::deque<T>& items = of_rank.items[owner];
        if (items.empty()) of_rank.turns.push_back(owner);
        items.push_back(std::move(item));
        ++size_;
        return true;
    }

    std::optional<T> pop() {
        if (ranks_.empty()) return std::nullopt;
        const auto first = ranks_.begin();
        Rank& of_rank = first->second;
        const std::string owner = std::move(of_rank.turns.front());
        of_rank.turns.pop_front();
        const auto items = of_rank.items.find(owner);
        std::optional<T> item(std::move(items->second.front()));
        items->second.pop_front();
        if (items->second.empty())
            of_rank.items.erase(items);
        else
            of_rank.turns.push_back(owner);
        if (of_rank.turns.empty()) ranks_.erase(first);
        --size_;
        return item;
    }

    // Something of this owner waits in this rank.
    bool has(int rank, const std::string& owner) const {
        const auto of_rank = ranks_.find(rank);
        return of_rank != ranks_.end() && of_rank->second.items.contains(owner);
    }
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    void clear() {
        ranks_.clear();
        size_ = 0;
    }

  private:
    struct Rank {
        std::map<std::string, std::deque<T>> items;  // by owner, none empty
        std::deque<std::string> turns;               // owners, the next one first
    };
    const std::size_t size_max_;
    std::size_t size_ = 0;
    std::map<int, Rank> ranks_;  // none empty
};

}  // namespace herder
