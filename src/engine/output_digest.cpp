#include <string>

#include "base/digest.h"
#include "base/record.h"
#include "core/step/event_records.h"
#include "engine/input_recorder.h"

namespace herder {

namespace {

// Effects and replies are not stored, so their form here may change between versions: a recording
// is compared with a core of its own version.
struct EffectWriter {
    RecordWriter& w;
    void operator()(const effect::CreateMachine& e) const {
        w(2, e.intent);
        w(3, e.job);
        w(4, e.image);
        w(5, e.join_token);
    }
    void operator()(const effect::DestroyMachine& e) const {
        w(2, e.intent);
        w(3, e.contract);
    }
    void operator()(const effect::ListMachines&) const {}
    void operator()(const effect::SearchOffers& e) const {
        w(2, e.gpu_name);
        w(3, e.gpu_count);
        w(4, e.disk);
        w(5, e.interruptible);
        w(6, e.on_demand);
    }
    void operator()(const effect::ReadBootLog& e) const {
        w(2, e.intent);
        w(3, e.contract);
    }
    void operator()(const effect::ReadIncreases&) const {}
    void operator()(const effect::ReadMaintenances& e) const { w(2, e.machines); }
    void operator()(const effect::AnswerIncrease& e) const {
        w(2, e.increase);
        w(3, e.accept);
    }
    void operator()(const effect::ReadCharges& e) const {
        w(2, e.from_day);
        w(3, e.to_day);
    }
    void operator()(const effect::WriteManifest& e) const {
        w(2, e.checkpoint);
        w(3, e.commit_seq);
        w(4, e.team);
    }
    void operator()(const effect::DeleteObjects& e) const {
        w(2, e.checkpoint);
        w(3, e.team);
    }
    void operator()(const effect::LookAtRun& e) const {
        w(2, e.job);
        w(3, e.fence);
        w(4, e.team);
        w(5, e.resume);
    }
    void operator()(const effect::FindOutcome& e) const {
        w(2, e.attempt.job);
        w(3, e.attempt.fence);
        w(4, e.team);
    }
};

struct ReplyWriter {
    RecordWriter& w;
    void operator()(const reply::Submitted& r) const {
        w(4, r.job);
        w(5, r.existed);
        w(6, r.plan.has_value());
        if (!r.plan) return;
        for (const Candidate& candidate : r.plan->candidates) {
            w(7, candidate.offer);
            w(8, candidate.request);
            w(9, candidate.price);
            w(10, candidate.bid);
            w(11, candidate.expected_cost);
            w(12, candidate.why);
        }
        w(13, r.plan->rejected);
        w(14, r.plan->offers_seen);
    }
    void operator()(const reply::Changed& r) const { w(4, r.job); }
    void operator()(const reply::Joined& r) const {
        w(4, r.attempt.job);
        w(5, r.attempt.fence);
    }
    void operator()(const reply::Orders& r) const { w(4, r.orders); }
    void operator()(const reply::MachineEnded& r) const {
        w(4, r.job);
        w(5, r.saves);
        w(6, r.patience);
    }
    void operator()(const reply::RentingHeld& r) const {
        w(4, r.machines);
        w(5, r.paused);
    }
};

void add(Sha256Stream& digest, const std::string& part) {
    std::string size;
    record_detail::put_varint(size, part.size());
    digest.update(size);
    digest.update(part);
}

std::string encode_effect(const Effect& effect) {
    RecordWriter writer;
    writer(1, effect.index());
    std::visit(EffectWriter{writer}, effect);
    return writer.take();
}

std::string encode_reply(const Reply& reply) {
    RecordWriter writer;
    writer(1, reply.to);
    if (reply.body) {
        writer(3, reply.body->index());
        std::visit(ReplyWriter{writer}, *reply.body);
    } else {
        writer(2, reply.body.error().code);
        writer(3, reply.body.error().message);
    }
    return writer.take();
}

}  // namespace

std::string digest_output(const Output& output) {
    Sha256Stream digest;
    for (const RowChange& change : output.changes)
        add(digest, "c" + encode_row(change));
    for (const Event& event : output.events)
        add(digest, "e" + encode_event(event));
    for (const Effect& effect : output.effects)
        add(digest, "x" + encode_effect(effect));
    for (const Reply& reply : output.replies)
        add(digest, "r" + encode_reply(reply));
    add(digest, std::to_string(output.wake_at.us));
    return digest.finish_hex();
}

}  // namespace herder
