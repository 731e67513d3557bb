#pragma once
// Measures the machine for its admission: the GPUs by the driver's tool, the disk by writing to it,
// the link by one object that is sent to the job's own storage and fetched back through signed
// URLs. Reports what it finds and what it could not find; the orchestrator judges.
#include <functional>
#include <string>
#include <thread>

#include "adapters/http/cancel.h"
#include "core/worker/worker_input.h"
#include "worker/machine_clock.h"
#include "worker/server_link.h"

namespace herder {

class AdmissionProbe {
  public:
    using Newest = std::function<protocol::SyncResponse()>;
    using Post = std::function<void(WorkerInput)>;

    // `home`: a folder on the disk that the job will use.
    AdmissionProbe(ServerLink& link, const MachineClock& clock, std::string home);
    ~AdmissionProbe();  // gives the measurement up
    AdmissionProbe(const AdmissionProbe&) = delete;
    AdmissionProbe& operator=(const AdmissionProbe&) = delete;

    // Once: measures on a thread of its own, then posts AdmissionEnded.
    void start(const AdmissionTest& test, Newest newest, Post post);

    // The measurement itself, on the calling thread.
    AdmissionFacts measure(const AdmissionTest& test, const Newest& newest);

  private:
    void measure_gpus(AdmissionFacts& facts);
    void measure_disk(const AdmissionTest& test, AdmissionFacts& facts);
    void measure_storage(const AdmissionTest& test, const Newest& newest, AdmissionFacts& facts);
    Status send_and_fetch(std::size_t size, const Newest& newest, AdmissionFacts& facts);
    // Seconds of real time.
    double since(Instant begun) const;

    ServerLink& link_;
    const MachineClock& clock_;
    const std::string home_;
    http::CancelToken cancel_;
    std::thread thread_;
};

}  // namespace herder
