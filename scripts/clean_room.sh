#!/usr/bin/env bash
# usage: scripts/clean_room.sh [--as root|user|both] [--keep] [VERB ...]
# Proves that a clone is enough: in a plain Debian 12 root (debootstrap) with nothing but a clone of HEAD,
# runs ./dev VERB (demo and test unless named) as root, as a user with sudo, or as both, each in a room
# of its own. Needs root and about 6 GB below $HERDER_CLEAN_ROOM (default /var/tmp).
set -euo pipefail

readonly checkout=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
readonly place=${HERDER_CLEAN_ROOM:-/var/tmp}
readonly base=$place/herder-clean-base
readonly release=bookworm
readonly room_user=ada

say() { printf 'clean room: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

who=both keep=no
while [ $# -gt 0 ]; do
    case $1 in
        --as) who=${2:?--as needs root, user or both}; shift 2 ;;
        --keep) keep=yes; shift ;;
        -*) sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"; exit 2 ;;
        *) break ;;
    esac
done
verbs=("$@")
[ ${#verbs[@]} -gt 0 ] || verbs=(demo test)
case $who in root | user) kinds=("$who") ;; both) kinds=(root user) ;; *) fail "--as root, user or both" ;; esac
[ "$(id -u)" = 0 ] || fail "needs root, to make and enter a Debian root"

# The archive that this machine itself uses.
mirror() {
    apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' |
        awk -v release="$release" '$1 == release && !found { print $2; found = 1 }'
}

# One plain root, made once and copied for every room.
make_base() {
    [ ! -e "$base/etc/debian_version" ] || return 0
    command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
    local from
    from=$(mirror)
    [ -n "$from" ] || fail "this machine's apt sources have no $release"
    say "making a plain Debian 12 root"
    rm -rf "$base.new"
    debootstrap --variant=minbase "$release" "$base.new" "$from" >"$place/herder-clean-base.log" 2>&1 ||
        fail "debootstrap failed, see $place/herder-clean-base.log"
    mv "$base.new" "$base"
}

# inside ROOM COMMAND...: with mounts and processes of its own, which end with it.
inside() {
    local room=$1
    shift
    # shellcheck disable=SC2016  # expanded by the inner shell
    unshare --mount --pid --fork --kill-child bash -euc '
        room=$1; shift
        mount -t proc proc "$room/proc"
        mount --rbind /dev "$room/dev"
        exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
            TERM="${TERM:-dumb}" HERDER_JOBS="${HERDER_JOBS:-2}" chroot "$room" "$@"
    ' bash "$room" "$@"
}

# make_room ROOM KIND: prints the folder of the clone as seen inside.
make_room() {
    local room=$1 kind=$2 home=/root
    cp -a "$base/." "$room"
    cp /etc/resolv.conf "$room/etc/resolv.conf"
    if [ "$kind" = user ]; then
        home=/home/$room_user
        inside "$room" sh -c "apt-get -q update && apt-get -q install -y --no-install-recommends sudo &&
            useradd --create-home --shell /bin/bash $room_user" >&2
        printf '%s ALL=(ALL) NOPASSWD: ALL\n' "$room_user" >"$room/etc/sudoers.d/$room_user"
    fi
    git clone -q --no-hardlinks "$checkout" "$room$home/herder"
    [ "$kind" = root ] || inside "$room" chown -R "$room_user:" "$home/herder"
    printf '%s/herder\n' "$home"
}

run_verb() {
    local room=$1 kind=$2 clone=$3 verb=$4
    local script="cd '$clone' && ./dev $verb"
    if [ "$kind" = root ]; then
        inside "$room" env HOME=/root bash -c "$script"
    else
        inside "$room" runuser -u "$room_user" -- env HOME="/home/$room_user" USER="$room_user" bash -c "$script"
    fi
}

make_base
failures=0
for kind in "${kinds[@]}"; do
    room=$(mktemp -d "$place/herder-clean-room-$kind-XXXXXX")
    chmod 755 "$room"
    [ "$keep" = yes ] || trap 'rm -rf "$room"' EXIT
    say "$kind: $(git -C "$checkout" log -1 --format='%h %s')"
    clone=$(make_room "$room" "$kind")
    for verb in "${verbs[@]}"; do
        began=$SECONDS
        if run_verb "$room" "$kind" "$clone" "$verb"; then result=passed; else result=FAILED failures=$((failures + 1)); fi
        say "$kind: ./dev $verb $result after $((SECONDS - began)) s"
    done
    if [ "$keep" = yes ]; then say "kept $room"; else rm -rf "$room"; fi
done
[ "$failures" = 0 ] || fail "$failures of the runs failed"
