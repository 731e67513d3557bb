#pragma once
// Which calls the market has received: counts and the last few, for the admin interface. It keeps
// no keys and no bodies.
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>

#include "base/time.h"
#include "vastsim/value_json.h"

namespace herder::vastsim {

struct CallRecord {
    WallTime at;
    std::string route;
    std::string path;
    int status = 0;                 // 0: the connection was closed without a reply
    std::string label;              // of a create
    std::int64_t new_contract = 0;  // what a create made, also when the reply was lost
    bool instance_key = false;      // called with a per-instance key
    std::string client_ip = "";
};

class CallLog {
  public:
    void add(CallRecord record);
    Json to_json() const;
    const std::deque<CallRecord>& last() const { return last_; }

  private:
    std::map<std::pair<std::string, int>, std::int64_t> counts_;
    std::deque<CallRecord> last_;
};

}  // namespace herder::vastsim
