#include "protocol/boot_script.h"

#include <algorithm>

namespace herder::protocol {
namespace {

// Run again at each start of the container: a running agent is left alone, a fetched one is reused.
// Every tool is tried over TLS and then without it: many small images have bash or perl but nothing
// that speaks TLS. Lines of "herder-boot:" are for the machine's log, which the orchestrator reads
// when no agent joins; those of "verdict" say why none will (boot_verdict.h). With the argument fg
// the agent takes the script's place, as the args run type wants it.
constexpr char kScript[] = R"SH(#!/bin/sh
# herder: fetch the agent, check its hash, start it
U='@URL@'
H=@SHA@
umask 077
say() {
  echo "herder-boot: $*"
  [ ! -e /.launch ] || echo "herder-boot: $*" >/proc/1/fd/1
}
die() { say "verdict $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
M=$(uname -m 2>/dev/null)
case $M in x86_64|'') ;; *) die "wrong_cpu: the agent is for x86_64, this is $M";; esac
usable() { mkdir -p "$1" && cd "$1" && echo '#!/bin/sh' >x && chmod 700 x && ./x; }
for D in "@DIR@" /workspace/.herder /var/tmp/.herder /tmp/.herder ''; do
  [ "$D" ] || die "no_folder: none can be written and executed in"
  usable "$D" 2>/dev/null && break
done
export HERDER_HOME="$D"
A=$D/herder-agent
if [ -s agent.pid ]; then
  read -r P <agent.pid
  case "$(readlink /proc/$P/exe 2>/dev/null)" in "$A"*) exit 0;; esac
fi
sum() {
  for s in sha256sum openssl python3 python shasum perl busybox; do
    has $s || continue
    case $s in
    sha256sum) sha256sum "$1";;
    openssl) openssl dgst -sha256 -r "$1";;
    python*) $s -c 'import hashlib,sys;print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest())' "$1";;
    shasum) shasum -a 256 "$1";;
    perl) perl -MDigest::SHA -e 'print Digest::SHA->new(256)->addfile($ARGV[0],"b")->hexdigest' "$1";;
    busybox) busybox sha256sum "$1";;
    esac 2>/dev/null && return
  done
}
[ "$(sum x)" ] || die "no_hasher: the image has no sha256sum, openssl, python3, shasum or busybox to check the agent with"
good() { [ -s "$1" ] && case $(sum "$1") in "$H"*) ;; *) false;; esac; }
T=
for t in curl wget python3 python perl openssl bash busybox; do has $t && T="$T $t"; done
[ "$T" ] || die "no_fetcher: the image has no curl, wget, python3, perl, openssl, bash or busybox; put curl into it"
K=
timeout 9 true 2>/dev/null && K='timeout 300'
C=$(printf '\r')
ask() { printf 'GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n' "${Q#*/}" "$S"; }
body() {
  read -r L && case $L in *' 200'*) ;; *) return 1;; esac
  while IFS= read -r L && [ "$L" != "$C" ]; do :; done
  cat >new
}
# certificates: the hash decides, see the agent's documentation
get() {
  Q=${2#*://}; S=${Q%%/*}; B=${S%:*}; N=${S##*:}
  [ "$B" != "$S" ] || N=443
  case $1:$2 in
  curl:*) curl -fsSk --connect-timeout 15 -m 300 -o new "$2";;
  wget:*) wget -q --no-check-certificate -T 60 -O new "$2" || wget -q -O new "$2";;
  busybox:*) $K busybox wget -q -O new "$2";;
  python*) $1 - "$2" <<'E'
import ssl,sys
try: import urllib.request as u
except ImportError: import urllib2 as u
open("new","wb").write(u.urlopen(sys.argv[1],context=ssl._create_unverified_context(),timeout=60).read())
E
  ;;
  openssl:https*) ask | $K openssl s_client -quiet -connect "$B:$N" | body;;
  bash:http:*) ask | $K bash -c 'exec 3<>/dev/tcp/$0/$1;cat >&3;cat <&3' "$B" $N | body;;
  perl:http:*) ask | $K perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(shift)||exit 1;print $s <STDIN>;$s->flush;print while<$s>' "$B:$N" | body;;
  esac
}
I=0
until good "$A"; do
  W="unreachable: not to be had with$T from $U"
  for X in $U; do for Y in $X http:${X#*:}; do for t in $T; do
    rm -f new
    get $t $Y 2>/dev/null
    good new && chmod 700 new && mv -f new "$A" && say "fetched with $t" && break 3
    [ ! -s new ] || W="wrong_hash: what $Y sends is not all of the agent"
  done; done; done
  good "$A" && break
  I=$((I+1))
  case $I in 3|30) say "verdict $W";; 60) die "$W";; esac
  sleep $((I<10?I:10))
done
if [ "$1" = fg ]; then echo $$ >agent.pid; exec "$A"; fi
if has setsid; then setsid "$A" </dev/null >>agent.log 2>&1 &
else (trap '' HUP; exec "$A" </dev/null >>agent.log 2>&1) &
fi
echo $! >agent.pid
say "agent started"
)SH";

bool is_plain(const std::string& text, const char* more) {
    return std::all_of(text.begin(), text.end(), [more](char c) {
        const bool alnum =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return alnum || std::string(more).find(c) != std::string::npos;
    });
}

void replace(std::string& text, const std::string& what, const std::string& with) {
    text.replace(text.find(what), what.size(), with);
}

}  // namespace

Result<std::string> make_onstart(const BootScriptOptions& options) {
    if (options.agent_url.empty() || !is_plain(options.agent_url, ":/._-[]% ")) {
        return invalid("the agent's URL '" + options.agent_url + "' cannot stand in a boot script");
    }
    if (options.agent_sha256.size() != 64 || !is_plain(options.agent_sha256, "")) {
        return invalid("the agent's SHA-256 must be 64 hex digits");
    }
    if (options.folder.empty() || !is_plain(options.folder, "/._-${}:")) {
        return invalid("the agent's folder '" + options.folder + "' cannot stand in a boot script");
    }
    std::string text = kScript;
    replace(text, "@URL@", options.agent_url);
    replace(text, "@SHA@", options.agent_sha256);
    replace(text, "@DIR@", options.folder);
    if (text.size() >= kBootScriptMax) {
        return invalid("the boot script has " + std::to_string(text.size()) +
                       " characters; the provider takes fewer than " +
                       std::to_string(kBootScriptMax) + ": use shorter URLs");
    }
    return text;
}

}  // namespace herder::protocol
