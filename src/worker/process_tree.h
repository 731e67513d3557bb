#pragma once
// Finding and killing every process that came from one, also those that left its session or forked
// twice: they are handed to the nearest subreaper, which our process is.
#include <sys/types.h>

#include <vector>

namespace herder {

// From now on orphans below this process become its children. False where the kernel refuses.
bool become_subreaper();

// Living processes (no zombies) below `root`, parents before children.
std::vector<pid_t> list_descendants(pid_t root);

// SIGKILL for all of them, again until none is left or `rounds` are over; returns how many live on.
std::size_t kill_descendants(pid_t root, int rounds = 400);

// The soft signal of a job. SIGTERM goes to the top command only (launchers such as torchrun pass
// it on); any other signal to those processes that catch it. Returns how many got it.
std::size_t signal_job(pid_t shell, int signal);
// To every process of the job but its shell, which would otherwise end before them.
std::size_t signal_whole_job(pid_t shell, int signal);

// Collects orphans that have ended, so that they leave no zombie.
void reap_orphans();

}  // namespace herder
