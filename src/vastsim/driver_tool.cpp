#include "vastsim/driver_tool.h"

namespace herder::vastsim {

namespace {

constexpr char kAnswer[] = R"SH(
for argument in "$@"; do
  case $argument in --query-gpu=*) fields=${argument#*=};; esac
done
[ "${fields:-}" ] || { echo "this stand-in for nvidia-smi knows --query-gpu only" >&2; exit 2; }
say() { # name memory
  row=
  IFS=,
  for field in $fields; do
    case $field in
    name) cell=$1;;
    memory.total) cell=$2;;
    memory.used) cell=3;;
    driver_version) cell=$version;;
    utilization.gpu) cell=0;;
    temperature.gpu) cell=41;;
    *) cell='[N/A]';;
    esac
    row="${row:+$row, }$cell"
  done
  unset IFS
  echo "$row"
}
)SH";

bool is_for_players(const std::string& name) {
    const bool named = name.starts_with("RTX ") || name.starts_with("GTX ");
    return named && name.size() > 4 && name[4] >= '0' && name[4] <= '9' &&
           name.find("Ada") == std::string::npos && name.size() >= 8 && name[7] >= '0' &&
           name[7] <= '9';
}

}  // namespace

std::string driver_name(const std::string& market_name) {
    return (is_for_players(market_name) ? "NVIDIA GeForce " : "NVIDIA ") + market_name;
}

std::string driver_tool(const std::vector<GpuCard>& cards) {
    std::string text = "#!/bin/sh\nversion=" + std::string(kDriverVersion) + "\n" + (kAnswer + 1);
    for (const GpuCard& card : cards)
        text += "say '" + card.name + "' " + std::to_string(card.memory_mb) + "\n";
    if (cards.empty()) text += "echo 'No devices were found'\nexit 6\n";
    return text;
}

}  // namespace herder::vastsim
