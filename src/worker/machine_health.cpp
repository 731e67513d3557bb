#include "worker/machine_health.h"

#include <sys/statvfs.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "worker/nvidia_smi.h"

namespace herder {
std::vector<GpuHealth> parse_nvidia_smi(const std::string& text) {
    std::vector<GpuHealth> gpus;
    for (const auto& cells : parse_smi_rows(text, 5)) {
        gpus.push_back({cells[0], std::atoi(cells[1].c_str()), std::atoll(cells[2].c_str()),
                        std::atoll(cells[3].c_str()), std::atoi(cells[4].c_str())});
    }
    return gpus;
}

MachineHealth HealthMeter::measure() {
    MachineHealth health;
    std::ifstream stat("/proc/stat");
    std::string word;
    stat >> word;
    std::int64_t total = 0;
    std::int64_t idle = 0;
    std::int64_t value = 0;
    for (int field = 0; field < 8 && stat >> value; ++field) {
        total += value;
        if (field == 3 || field == 4) idle += value;  // idle and iowait, proc(5)
    }
    const std::int64_t busy = total - idle;
    if (total_ > 0 && total > total_) {
        health.cpu_percent = static_cast<int>((busy - busy_) * 100 / (total - total_));
    }
    busy_ = busy;
    total_ = total;

    std::ifstream meminfo("/proc/meminfo");
    std::int64_t available = 0;
    for (std::string line; std::getline(meminfo, line);) {
        std::istringstream rest(line);
        rest >> word >> value;
        if (word == "MemTotal:") health.memory_total = Bytes{value * 1024};
        if (word == "MemAvailable:") available = value * 1024;
    }
    health.memory_used = Bytes{health.memory_total.count - available};
    struct statvfs disk{};
    if (::statvfs(disk_path_.c_str(), &disk) == 0) {
        health.disk_free = Bytes{static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize)};
    }
    if (has_gpus_) {
        const auto text =
            query_nvidia_smi("name,utilization.gpu,memory.used,memory.total,temperature.gpu");
        has_gpus_ = text.has_value();
        if (text) health.gpus = parse_nvidia_smi(*text);
    }
    return health;
}

}  // namespace herder
