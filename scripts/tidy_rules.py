"""The lists behind tidy.py: what is banned where, and what to use instead."""
import re


def in_src(file):
    return file.path.startswith("src/")


def in_core(file):
    return in_src(file) and file.folder.startswith("core/")


def ours(file):
    return file.path.startswith(("src/", "tests/", "bench/"))


def product(file):
    return in_src(file) and not file.is_test


def except_in(*prefixes):
    """Applies in src/ but not under these folders or to these files."""
    return lambda file: product(file) and not file.path[4:].startswith(prefixes)


def no_clock_home(file):
    return in_src(file) and not re.search(r"(^|/)[a-z_]*clock[a-z_]*\.cpp$", file.path)


def money_home(file):
    return product(file) and not file.path.endswith(("_json.cpp", "_json.h"))


# (rule, pattern over code without comments and literals, where, what to use instead)
BANNED = [
    ("rand", re.compile(r"(?<![\w.>])(std::)?s?rand\s*\(|\bstd::(mt19937|random_device)\b"),
     ours, "use the seeded streams of base/random.h; outside entropy comes through its port"),
    ("system-call", re.compile(r"(?<![\w.>])(std::|::)?(system|popen)\s*\("),
     ours, "no shell in between; start a process with an argument list (posix_spawn)"),
    ("wall-clock", re.compile(
        r"\b(system_clock|steady_clock|high_resolution_clock)::now\b|\bgettimeofday\s*\("
        r"|\bclock_gettime\s*\(|(?<![\w.>])(std::)?time\s*\(\s*(NULL|nullptr|0)\s*\)"),
     no_clock_home, "time comes through ports/clock.h (core takes `now` as a parameter)"),
    ("sleep", re.compile(r"\bsleep_(for|until)\b|(?<![\w.>])(::)?(u|nano)?sleep\s*\("),
     ours, "wait for the event with a deadline, or move the virtual clock"),
    # `unique_ptr<X>(new X(...))` is how a factory reaches a private constructor.
    ("new-delete", re.compile(
        r"(?:(?<![(])|(?<=reset[(]))(?<!operator )\bnew\s+[A-Za-z_:(]"
        r"|(?<![=\w] )(?<!operator )\bdelete\b(?=\s*[\[\w(*])"),
     ours, "use std::make_unique or a container"),
    ("regex", re.compile(r"\bstd::w?regex\b"),
     ours, "std::regex is slow and recursive; write the few lines of parser"),
    ("assert", re.compile(r"(?<![\w.>])assert\s*\("),
     ours, "use HERDER_ASSERT (base/assert.h): it stays on in every build"),
    ("print", re.compile(r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(std::)?(f?printf|puts|fputs)\s*\("),
     except_in("cli/", "apps/", "sim/", "base/log.cpp", "base/assert.h"),
     "return a value, or log an event with base/log.h; only cli, apps and sim print"),
    ("unordered", re.compile(r"\bstd::unordered_\w+"),
     in_core, "its order differs between libraries; use std::map, std::set or a sorted vector"),
    ("money-float", re.compile(
        r"\b(double|float)\s+[&*]?\w*(usd|price|cost|dph|dollar|budget|cents|micros|charge)\w*"),
     money_home, "money is Usd and UsdPerHour (base/money.h), integers of micro-dollars"),
    ("enum-default", re.compile(r"\bdefault\s*:"),
     in_core, "name every enumerator, so that a new one fails to compile here"),
    ("core-impure", re.compile(
        r"\bstd::(thread|jthread|mutex|atomic|async|ifstream|ofstream|filesystem|getenv)\b"
        r"|\blog_(debug|info|warn|error|event)\s*\("),
     in_core, "core decides and never acts: return it as an effect or a fact"),
    ("thread", re.compile(r"\.detach\s*\(\s*\)"),
     ours, "nobody may outlive its owner; keep the thread and join it"),
]

# Header prefix -> (files that may include it, the home to name). Facts: compile cost of each header
# was measured; see docs/adr/0004.
HEAVY = [
    ("boost/asio", r"adapters/http/.*\.cpp$", "adapters/http/*.cpp"),
    ("boost/beast", r"adapters/http/.*\.cpp$", "adapters/http/*.cpp"),
    ("boost/json", r".*_json\.cpp$|.*_json_test\.cpp$|.*_json_impl\.cpp$", "*_json.cpp"),
    ("openssl/ssl.h", r"(adapters/http/.*|s3d/wire)\.cpp$", "adapters/http/*.cpp and s3d/wire.cpp"),
    ("openssl/", r"(base|adapters|s3d)/.*\.cpp$", "base/*.cpp, adapters/**.cpp and s3d/*.cpp"),
    ("CLI/", r"(cli|apps)/.*\.cpp$", "cli/*.cpp and apps/**.cpp"),
    ("sqlite3.h", r"adapters/store/sqlite/.*\.cpp$", "adapters/store/sqlite/*.cpp"),
    ("libfyaml.h", r"(config/.*|vastsim/scenario_yaml)\.cpp$", "config/*.cpp and scenario_yaml.cpp"),
    ("zstd.h", r"(base|worker|adapters)/.*\.cpp$", "base, worker and adapters, *.cpp"),
    ("date/", r"base/.*\.cpp$", "base/*.cpp"),
    ("spdlog/", r"$.", "nowhere: log with base/log.h"),
    ("curl/", r"$.", "nowhere: use adapters/http"),
    ("nlohmann/", r"$.", "nowhere: JSON is Boost.JSON in *_json.cpp"),
]
BANNED_HEADERS = {
    "regex": ("regex", "std::regex is slow and recursive; write the few lines of parser"),
    "cassert": ("assert", "use base/assert.h"),
    "assert.h": ("assert", "use base/assert.h"),
}
CORE_BANNED_STD = set("""atomic chrono condition_variable cstdio ctime filesystem fstream future
    iostream mutex random semaphore shared_mutex stop_token thread unordered_map unordered_set
    locale execution""".split())


TEST_SUPPORT = re.compile(r"(_fixture|_conformance)\.(h|cpp)$")
LIGHT_HEADERS = {"openssl/types.h"}  # names only, no code


def is_test_header(target):
    return target.startswith(("gtest/", "gmock/"))


def core_problems(file, target, quoted):
    if file.is_test and (is_test_header(target) or quoted or target == "random"):
        return
    if quoted and not target.startswith(("base/", "core/")):
        yield "core-include", f"core includes only base, core and the standard library, not {target}"
    if not quoted and ("/" in target or target.endswith(".h")):
        yield "core-include", f"core includes only base, core and the standard library, not {target}"
    if not quoted and target in CORE_BANNED_STD and not file.is_test:
        yield "core-include", f"<{target}> has no place in core: it decides and never acts"


def include_problems(file, target, quoted):
    """(rule, sentence) for one include line."""
    if not in_src(file):
        return
    if in_core(file):
        yield from core_problems(file, target, quoted)
    if target in BANNED_HEADERS:
        yield BANNED_HEADERS[target]
    if is_test_header(target) and not file.is_test and not TEST_SUPPORT.search(file.path):
        yield "test-include", "only tests include gtest"
    for prefix, homes, name in HEAVY:
        if target in LIGHT_HEADERS:
            break
        if target.startswith(prefix):
            if not re.match(homes, file.path[4:]):
                yield "heavy-include", f"{target} may be included only in {name}"
            break


EMPTY_NAMES = {"util", "utils", "common", "helper", "helpers", "manager", "misc"}
# Written in two halves, so that this file does not find itself.
OPEN_WORK = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
NOT_OURS = {"LICENSE"}
BINARY = (".png", ".ico", ".gz", ".zst", ".npz", ".npy", ".pem", ".woff2", ".db", ".bin")
WHOLE_FILE = {"file-length", "missing-test", "pragma-once", "header-comment", "file-name"}
ALL = WHOLE_FILE | {rule for rule, *_ in BANNED} | {
    "function-length", "shared-ptr", "co-await-braces", "blanks", "open-work", "machine-path",
    "core-include", "test-include", "heavy-include"}

ORDINARY_FOLDERS = {"app", "bin", "build", "builds", "data", "dev", "etc", "home", "lib", "mnt",
                    "opt", "proc", "root", "run", "src", "srv", "sys", "tmp", "usr", "var",
                    "workspace"}
PACKAGE_HOSTS = re.compile(
    r"\b(?:(?:deb|security|snapshot)\.debian\." + r"org|pypi\." + r"org|files\.python" + r"hosted\."
    r"|registry\.npm" + r"js\.|proxy\.go" + r"lang\.|art" + r"ifactory)", re.I)


def places_of(root):
    """Patterns for paths of the machine that holds this checkout, and for package hosts."""
    places = [(PACKAGE_HOSTS, "a package host; take it from the machine's own settings")]
    top = root.parts[1] if len(root.parts) > 2 else "tmp"
    folders = [str(root)] if top in ORDINARY_FOLDERS else [str(root), "/" + top]
    for folder in folders:
        places.append((re.compile(r"(?<![\w./-])" + re.escape(folder) + r"(?=/)"),
                       "a path of one machine; make it relative or a parameter"))
    return places
