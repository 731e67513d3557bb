#!/usr/bin/env bash
# usage: scripts/clean_room.sh [--user] [--suite demo|test|ci]... [--cache FOLDER] [--base FOLDER] [--keep]
# Proves that a clone is enough: makes a plain Debian 12 root (debootstrap) in a temporary folder, clones
# this repository's HEAD into it and nothing else, and runs ./dev demo and ./dev test inside. Needs root,
# debootstrap and about 6 GB below $TMPDIR (default /var/tmp); everything is removed at the end.
#
#   --user          inside, be a user with sudo instead of root
#   --suite NAME    only this one: demo, test, or ci (.ci/run from another folder, home read-only)
#   --cache FOLDER  compiler cache shared with later runs; without it every run compiles everything
#   --base FOLDER   the plain root is kept there, and taken from there when it exists
#   --keep          leave the room and print where it is
set -euo pipefail
umask 022

readonly checkout=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
readonly release=bookworm room_user=ada

say() { printf 'clean room: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }
usage() { sed -n '2,/^set -e/{/^set -e/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

who=root keep=no suites=() cache='' base=''
while [ $# -gt 0 ]; do
    case $1 in
        --user) who=user; shift ;;
        --suite) suites+=("${2:?--suite needs demo, test or ci}"); shift 2 ;;
        --cache) cache=$(realpath -m "${2:?--cache needs a folder}"); shift 2 ;;
        --base) base=$(realpath -m "${2:?--base needs a folder}"); shift 2 ;;
        --keep) keep=yes; shift ;;
        -h | --help) usage; exit ;;
        *) usage >&2; exit 2 ;;
    esac
done
[ ${#suites[@]} -gt 0 ] || suites=(demo test)
for suite in "${suites[@]}"; do
    case $suite in demo | test | ci) ;; *) fail "--suite is demo, test or ci, not '$suite'" ;; esac
done
[ "$(id -u)" = 0 ] || fail "needs root, to make and enter a Debian root"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"

# Where this machine's own apt finds Debian 12: lines of "suite component address".
sources() {
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v r="$release" 'index($1, r) == 1' | sort -u
}

# plain_root FOLDER: debootstrap, and the apt sources of this machine, which is all that a room gets.
plain_root() {
    local from
    from=$(sources | awk -v r="$release" '$1 == r && !found { print $3; found = 1 }')
    [ -n "$from" ] || fail "this machine's apt sources have no $release"
    say "making a plain Debian 12 root"
    debootstrap --variant=minbase "$release" "$1" "$from" >"$1.log" 2>&1 || fail "debootstrap failed, see $1.log"
    rm -f "$1.log"
    sources | awk '{ print "deb", $3, $1, $2 }' >"$1/etc/apt/sources.list"
}

make_room() {
    if [ -z "$base" ]; then
        plain_root "$room"
    else
        if [ ! -e "$base/etc/debian_version" ]; then
            plain_root "$base.new"
            mv "$base.new" "$base"
        fi
        cp -a "$base/." "$room"
        sources | awk '{ print "deb", $3, $1, $2 }' >"$room/etc/apt/sources.list"
    fi
    cp -L /etc/resolv.conf "$room/etc/resolv.conf"
}

# inside COMMAND...: in the room, with mounts and processes of its own that end with it: the mounts live in
# a namespace that nothing else enters, so that removing the room never reaches through one.
# The environment is empty: no HOME, no locale, no terminal.
inside() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    unshare --mount --propagation private --pid --fork --kill-child bash -euc '
        room=$1 cache=$2; shift 2
        mount -t proc proc "$room/proc"
        mount -t tmpfs -o mode=755 dev "$room/dev"
        mkdir "$room/dev/pts" "$room/dev/shm"
        for node in null zero full random urandom tty; do
            touch "$room/dev/$node"
            mount --bind "/dev/$node" "$room/dev/$node"
        done
        ln -s /proc/self/fd "$room/dev/fd"
        ln -s pts/ptmx "$room/dev/ptmx"
        mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$room/dev/pts"
        mount -t tmpfs -o mode=1777 shm "$room/dev/shm"
        if [ -n "$cache" ]; then
            mkdir -p "$room/var/cache/compiler"
            mount --bind "$cache" "$room/var/cache/compiler"
            set -- CCACHE_DIR=/var/cache/compiler "$@"
        fi
        exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            HERDER_JOBS="${HERDER_JOBS:-2}" chroot "$room" /usr/bin/env "$@"
    ' bash "$room" "$cache" "$@" </dev/null
}

# clone: the repository, and for a user sudo, as the installer of Debian would have set it up.
clone() {
    git -c "safe.directory=*" clone -q --no-hardlinks "file://$checkout" "$room$home/herder"
    git -C "$room$home/herder" remote remove origin
    [ "$who" = user ] || return 0
    inside sh -c "apt-get -q update && apt-get -q install -y --no-install-recommends sudo &&
        useradd --create-home --shell /bin/bash $room_user && cp -r /etc/skel/. $home &&
        chown -R $room_user: $home" >"$room/tmp/user.log" 2>&1 || { cat "$room/tmp/user.log"; fail "no sudo user"; }
    printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$room_user" >"$room/etc/sudoers.d/$room_user"
}

run_suite() {
    local as=(env) script="cd $home/herder && exec ./dev $1"
    [ "$1" != ci ] || script="cd / && exec bash $home/herder/.ci/run"
    if [ "$who" = user ]; then
        as=(runuser -u "$room_user" -- env "USER=$room_user" PATH=/usr/local/bin:/usr/bin:/bin)
    fi
    # .ci/run has to do with a home where nothing can be written; the others get the usual one.
    if [ "$1" = ci ]; then as+=(HOME=/proc/self); else as+=("HOME=$home"); fi
    inside "${as[@]}" bash -c "$script"
}

room=$(mktemp -d "${TMPDIR:-/var/tmp}/herder-room-XXXXXX")
chmod 755 "$room"
remove_room() {
    if [ "$keep" = yes ]; then say "kept $room"; return; fi
    if grep -q " $room/" /proc/self/mounts; then say "something is mounted in $room: left as it is" >&2; return; fi
    rm -rf --one-file-system "$room"
}
trap remove_room EXIT
trap 'exit 130' INT TERM HUP

home=/root
[ "$who" = root ] || home=/home/$room_user
make_room
clone
if [ -n "$cache" ]; then
    mkdir -p "$cache"
    inside chown -R "$(stat -c %u:%g "$room$home")" /var/cache/compiler
fi
say "$who, $(git -c "safe.directory=*" -C "$checkout" log -1 --format='%h %s')"
failures=0
for suite in "${suites[@]}"; do
    began=$SECONDS
    if run_suite "$suite"; then result=passed; else result=FAILED failures=$((failures + 1)); fi
    say "$who: $suite $result after $((SECONDS - began)) s"
done
[ "$failures" = 0 ] || fail "$failures of ${#suites[@]} failed"
