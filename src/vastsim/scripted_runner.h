#pragma once
// Containers that only exist on paper, for tests of the market without processes.
#include <map>
#include <set>

#include "vastsim/container_runner.h"

namespace herder::vastsim {

class ScriptedRunner : public ContainerRunner {
  public:
    Status start(const ContainerSpec& spec) override {
        running_[spec.id] = spec;
        ++starts_;
        return ok();
    }
    void kill(std::int64_t id) override { running_.erase(id); }
    void terminate(std::int64_t id) override { terminated_.insert(id); }
    void remove(std::int64_t id) override { running_.erase(id); }
    std::vector<ContainerExit> take_exits() override {
        std::vector<ContainerExit> taken;
        taken.swap(exits_);
        return taken;
    }
    std::vector<std::int64_t> processes_of(std::int64_t id) const override {
        return running_.contains(id) ? std::vector<std::int64_t>{1'000'000 + id}
                                     : std::vector<std::int64_t>{};
    }
    std::string log_path(std::int64_t) const override { return ""; }
    std::string root_path(std::int64_t) const override { return ""; }

    // Lets a running container end with this code.
    void end(std::int64_t id, int code) {
        running_.erase(id);
        exits_.push_back({id, code});
    }
    const std::map<std::int64_t, ContainerSpec>& running() const { return running_; }
    int starts() const { return starts_; }
    const std::set<std::int64_t>& terminated() const { return terminated_; }

  private:
    std::map<std::int64_t, ContainerSpec> running_;
    std::vector<ContainerExit> exits_;
    std::set<std::int64_t> terminated_;
    int starts_ = 0;
};

}  // namespace herder::vastsim
