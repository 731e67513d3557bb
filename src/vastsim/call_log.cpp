#include "vastsim/call_log.h"

namespace herder::vastsim {

namespace {

constexpr std::size_t kKept = 2'000;

}  // namespace

void CallLog::add(CallRecord record) {
    ++counts_[{record.route, record.status}];
    last_.push_back(std::move(record));
    if (last_.size() > kKept) last_.pop_front();
}

Json CallLog::to_json() const {
    Json counts = Json::array();
    for (const auto& [key, count] : counts_) {
        Json row;
        row.set("route", key.first).set("status", key.second).set("count", count);
        counts.push(std::move(row));
    }
    Json calls = Json::array();
    for (const CallRecord& call : last_) {
        Json row;
        row.set("at", call.at).set("route", call.route).set("path", call.path);
        row.set("status", call.status).set("instance_key", call.instance_key);
        if (!call.label.empty()) row.set("label", call.label);
        if (call.new_contract != 0) row.set("new_contract", call.new_contract);
        calls.push(std::move(row));
    }
    Json out;
    out.set("counts", std::move(counts)).set("calls", std::move(calls));
    return out;
}

}  // namespace herder::vastsim
