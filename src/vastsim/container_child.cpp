#include "vastsim/container_child.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace herder::vastsim {

namespace {

constexpr int kSetupFailed = 126;

// Capabilities that a container keeps, as Docker's default set (capabilities(7) numbers): chown,
// dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
// sys_chroot, audit_write, setfcap. Above all not mknod, sys_admin, sys_ptrace.
constexpr std::array kKeptCapabilities = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 29, 31};
constexpr int kCapabilitiesMost = 63;

[[noreturn]] void give_up(const char* what) {
    (void)!write(STDERR_FILENO, what, strlen(what));
    (void)!write(STDERR_FILENO, ": container setup failed\n", 25);
    _exit(kSetupFailed);
}

void drop_capabilities() {
    for (int capability = 0; capability <= kCapabilitiesMost; ++capability) {
        bool kept = false;
        for (const int one : kKeptCapabilities)
            kept = kept || one == capability;
        if (!kept) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void make_read_only(const char* target) {
    const unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID;
    if (mount(nullptr, target, nullptr, flags, nullptr) != 0) give_up(target);
}

// The container's own view: system folders read-only, its own root, /tmp and /proc, nothing else.
void enter_root(const ChildPlan& plan) {
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) give_up("private mounts");
    const char* root = plan.root.c_str();
    if (mount(root, root, nullptr, MS_BIND, nullptr) != 0) give_up("root folder");
    for (const BindMount& bind : plan.binds) {
        const char* target = bind.target.c_str();
        if (mount(bind.source.c_str(), target, nullptr, MS_BIND, nullptr) != 0) give_up(target);
        if (bind.target.compare(plan.root.size(), 5, "/dev/") != 0) make_read_only(target);
    }
    if (chdir(root) != 0) give_up("root folder");
    // pivot_root(".", ".") stacks the old root on the new one, from where it is detached.
    if (syscall(SYS_pivot_root, ".", ".") != 0) give_up("pivot_root");
    if (umount2(".", MNT_DETACH) != 0) give_up("old root");
    if (chdir("/") != 0) give_up("new root");
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
        give_up("/proc");
    }
    if (mount("/proc/sys", "/proc/sys", nullptr, MS_BIND, nullptr) == 0)
        make_read_only("/proc/sys");
    (void)sethostname(plan.hostname.c_str(), plan.hostname.size());
    drop_capabilities();
}

void reset_signals() {
    for (int signal = 1; signal < 32; ++signal)
        ::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void run_child(const ChildPlan& plan, char** arguments, char** environment) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    setsid();
    reset_signals();
    dup2(plan.log_fd, STDOUT_FILENO);
    dup2(plan.log_fd, STDERR_FILENO);
    if (plan.isolated) enter_root(plan);
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    syscall(SYS_close_range, 3U, ~0U, 0U);
    if (chdir(plan.working_folder.c_str()) != 0) give_up("working folder");
    execve(arguments[0], arguments, environment);
    give_up(arguments[0]);
}

int clone_like_fork(bool isolated) {
    const unsigned long namespaces =
        isolated ? CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS : 0;
    const unsigned long flags = namespaces | SIGCHLD;
    return static_cast<int>(syscall(SYS_clone, flags, 0, 0, 0, 0));
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (const std::string& text : texts)
        out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

}  // namespace

int spawn_child(const ChildPlan& plan) {
    std::vector<char*> arguments = pointers(plan.arguments);
    std::vector<char*> environment = pointers(plan.environment);
    const int pid = clone_like_fork(plan.isolated);
    if (pid == 0) run_child(plan, arguments.data(), environment.data());
    return pid;
}

bool can_isolate() {
    const int pid = clone_like_fork(true);
    if (pid < 0) return false;
    if (pid == 0) {
        const bool can_mount = mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        _exit(can_mount ? 0 : 1);
    }
    int status = 0;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace herder::vastsim
