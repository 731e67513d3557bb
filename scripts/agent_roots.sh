#!/usr/bin/env bash
# usage: scripts/agent_roots.sh [--cache FOLDER] [RELEASE...]
# Proves that the agent runs a job in plain roots of Debian 11 and 12: debootstrap makes each of them
# (RELEASE: bullseye bookworm), and tests/e2e/e2e_agent runs its job in it. Optional, because it downloads
# about 40 MB a root. Needs root, debootstrap and build/bin/herder-agent.
#
#   --cache FOLDER  the roots are kept there, and taken from there when they exist
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

fail() { printf 'agent_roots: %s\n' "$*" >&2; exit 1; }

cache=
releases=()
while [ $# -gt 0 ]; do
    case $1 in
        --cache) [ $# -ge 2 ] || fail "--cache wants a folder"; cache=$2; shift 2 ;;
        -h | --help) sed -n '2,/^set -e/{/^set -e/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit ;;
        -*) fail "there is no option $1" ;;
        *) releases+=("$1"); shift ;;
    esac
done
[ ${#releases[@]} -gt 0 ] || releases=(bullseye bookworm)
[ "$(id -u)" = 0 ] || fail "needs root, to make and enter Debian roots"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
[ -x build/bin/herder-agent ] || fail "build/bin/herder-agent is not built: ./dev build"

if [ -z "$cache" ]; then
    cache=$(mktemp -d "${TMPDIR:-/var/tmp}/herder-roots-XXXXXX")
    trap 'rm -rf --one-file-system "$cache"' EXIT
fi
mkdir -p "$cache"
# The archive that this machine's apt uses; it holds the releases before its own, too.
archive=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 ~ /^[a-z]+$/ && !found { print $2; found = 1 }')
[ -n "$archive" ] || fail "this machine's apt has no Debian archive"

roots=()
for release in "${releases[@]}"; do
    root=$cache/$release
    if [ ! -e "$root/.complete" ]; then
        printf 'agent_roots: making %s\n' "$root" >&2
        rm -rf --one-file-system "$root"
        debootstrap --variant=minbase "$release" "$root" "$archive" >"$cache/$release.log" 2>&1 ||
            fail "debootstrap of $release failed, see the end of $cache/$release.log: $(tail -n 2 "$cache/$release.log")"
        touch "$root/.complete"
    fi
    roots+=(--root "$root")
done
/usr/bin/python3 tests/e2e/e2e_agent "${roots[@]}" Agent.test_runs_a_job_in_the_roots_given
