#pragma once
// A WorkerBrain on a virtual clock, for its tests: carries the clock forward through wake_at() and
// remembers every action with its time.
#include <utility>
#include <vector>

#include "core/worker/worker_brain.h"

namespace herder {

class WorkerFixture {
  public:
    struct Done {
        Instant at;
        WorkerAction action;
    };

    void feed(const WorkerInput& input) {
        for (WorkerAction& action : brain.step(now, input)) {
            if (auto* report = std::get_if<worker_action::SendReport>(&action)) {
                last_report = report->report;
                report_sent = now;
            }
            log.push_back({now, std::move(action)});
        }
    }
    // Lets time pass; an answered orchestrator replies at once to every report, a silent one fails.
    void run_for(Duration span, bool answered = true) {
        const Instant end = now + span;
        settle(answered);
        while (brain.wake_at() < end) {
            now = brain.wake_at();
            feed(worker_input::TimerFired{});
            settle(answered);
        }
        now = end;
    }
    void settle(bool answered) {
        while (last_report.sequence > answered_sequence && brain.stage() != WorkerStage::kLeft) {
            answered_sequence = last_report.sequence;
            if (answered) {
                feed(worker_input::OrdersReceived{answered_sequence, report_sent, orders});
            } else {
                feed(worker_input::SyncFailed{answered_sequence});
            }
        }
    }
    void join() {
        feed(worker_input::Started{{7}, {3}, "0.1.0"});
        settle(true);
    }
    Assignment assignment() const {
        Assignment a;
        a.job = {1};
        a.spec.run = "python train.py";
        return a;
    }
    void join_and_run(Assignment a) {
        orders.assignment = std::move(a);
        join();
        feed(worker_input::RestoreEnded{});
        settle(true);
    }
    static CheckpointOffer checkpoint(std::uint64_t seq, std::int64_t step) {
        CheckpointOffer offer;
        offer.local_seq = seq;
        offer.step = step;
        offer.files = {{"w.bin", {10}, 1, 0644}};
        return offer;
    }
    void grant(std::uint64_t seq) { orders.grant = UploadGrant{{seq}, seq, "name"}; }

    template <class T>
    std::vector<std::pair<Instant, T>> all() const {
        std::vector<std::pair<Instant, T>> found;
        for (const Done& done : log) {
            if (const T* action = std::get_if<T>(&done.action))
                found.emplace_back(done.at, *action);
        }
        return found;
    }
    template <class T>
    std::size_t count() const {
        return all<T>().size();
    }

    Instant now{seconds(1000).us};
    WorkerBrain brain;
    AgentOrders orders;
    AgentReport last_report;
    Instant report_sent;
    std::uint64_t answered_sequence = 0;
    std::vector<Done> log;
};

}  // namespace herder
