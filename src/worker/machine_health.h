#pragma once
// How the machine is: processor, memory, disk, and GPUs where nvidia-smi is there.
#include <cstdint>
#include <string>

#include "core/jobs/agent_messages.h"

namespace herder {

class HealthMeter {
  public:
    explicit HealthMeter(std::string disk_path) : disk_path_(std::move(disk_path)) {}
    // The first call has no processor load yet. May take seconds (nvidia-smi).
    MachineHealth measure();

  private:
    std::string disk_path_;
    std::int64_t busy_ = 0;
    std::int64_t total_ = 0;
    bool has_gpus_ = true;  // until nvidia-smi turns out not to be there
};

// Lines of `nvidia-smi --query-gpu=name,utilization.gpu,memory.used,memory.total,temperature.gpu
// --format=csv,noheader,nounits` (driver 450 and later); "[N/A]" counts as 0.
std::vector<GpuHealth> parse_nvidia_smi(const std::string& text);

}  // namespace herder
