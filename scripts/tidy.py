#!/usr/bin/env python3
"""Checks the habits that a compiler does not: banned calls (with what to use instead), heavy includes
by folder, lengths, missing tests, comments, names, blanks, paths of a machine.

Every finding is `file:line: rule: sentence`. Where a rule makes one place worse, say so there with a
comment of "tidy:allow", the rule and the reason, on the line or the line above (rules about a whole
file: anywhere in it).
The rules and their lists are in tidy_rules.py; this file reads C++ and applies them.
"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tidy_rules as rules  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
CPP = (".h", ".cpp")
SCRIPTS = (".py", ".sh")
ALLOW = re.compile(r"(?://|#)\s*tidy:" + r"allow\s+(\S+)[ \t]*(.*)")

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\s\\]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
FUNCTION_LINES = 60
FILE_LINES = 500


def blank(match):
    """Blanks of the same shape, so that line numbers and columns stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


def code_of(text):
    """The text with comments and literals blanked."""
    return TOKEN.sub(blank, text)


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1


# ---- functions ------------------------------------------------------------------------------

def kind_of_brace(head, parent):
    """What a `{` opens, from the text since the last boundary: function, init, data or scope."""
    head = head.rstrip()
    if parent in ("function", "data"):
        return parent
    if head.endswith(("=", ",", "(", "{", "return")):
        return "data"
    if "(" not in head or re.search(r"\b(namespace|enum)\b[^()]*$", head):
        return "scope"
    if re.search(r"^\s*(template\s*<.*>\s*)?(class|struct|union)\b[^()]*$", head, re.S):
        return "scope"
    in_initialisers = re.search(r"\)\s*(noexcept\s*)?:(?!:)", head)
    if in_initialisers and re.search(r"[\w>]$", head):
        return "init"
    return "function"


def functions(code):
    """(first line, number of lines) of every function body, head included; a heuristic."""
    code = PREPROCESSOR.sub(blank, code)
    found, stack, head_start = [], [], 0
    for match in re.finditer(r"[{};]", code):
        at, char = match.start(), match.group(0)
        parent = stack[-1][0] if stack else "scope"
        if char == "{":
            kind = kind_of_brace(code[head_start:at], parent)
            stack.append((kind, head_start, parent))
            head_start = head_start if kind == "init" else at + 1
        elif char == "}" and stack:
            kind, start, outer = stack.pop()
            if kind == "function" and outer != "function":
                start += len(code[start:at]) - len(code[start:at].lstrip())
                first = line_at(code, start)
                found.append((first, line_at(code, at) - first + 1))
            head_start = head_start if kind == "init" else at + 1
        elif char == ";" and parent != "init":
            head_start = at + 1
    return found


# ---- one file -------------------------------------------------------------------------------

class File:
    """One tracked file: its text, its code without comments, and what it allows itself."""

    def __init__(self, path, text, siblings=frozenset()):
        self.path, self.text, self.siblings = path, text, siblings
        self.lines = text.split("\n")
        self.is_cpp = path.endswith(CPP)
        self.is_test = bool(re.search(r"_(test|fuzz|bench)\.cpp$", path)) or "/testing/" in path
        self.code = code_of(text) if self.is_cpp else text
        self.code_lines = self.code.split("\n")
        self.folder = path[4:].rsplit("/", 1)[0] if path.startswith("src/") else ""
        self.allowed = {}
        self.findings = []
        self.read_allowances()

    def read_allowances(self):
        for number, line in enumerate(self.lines, 1):
            match = ALLOW.search(line)
            if not match:
                continue
            rule, reason = match.groups()
            if rule not in rules.ALL:
                self.findings.append(f"{self.path}:{number}: allow: no rule is called '{rule}'")
            elif len(reason.split()) < 2:
                self.findings.append(f"{self.path}:{number}: allow: say why, in words")
            else:
                self.allowed.setdefault(rule, set()).update((number, number + 1))

    def report(self, rule, number, sentence):
        allowed = self.allowed.get(rule, ())
        if number in allowed or (rule in rules.WHOLE_FILE and allowed):
            return
        self.findings.append(f"{self.path}:{number}: {rule}: {sentence}")


def check_banned(file):
    for rule, pattern, applies, sentence in rules.BANNED:
        if not applies(file):
            continue
        for match in pattern.finditer(file.code):
            file.report(rule, line_at(file.code, match.start()), sentence)


def check_includes(file):
    for number, line in enumerate(file.lines, 1):
        match = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if not match:
            continue
        quoted, target = match.group(1) == '"', match.group(2)
        for rule, sentence in rules.include_problems(file, target, quoted):
            file.report(rule, number, sentence)


def check_lengths(file):
    if len(file.lines) > FILE_LINES + 1:
        file.report("file-length", FILE_LINES, f"{len(file.lines) - 1} lines; split by noun "
                    f"(at most {FILE_LINES})")
    if file.is_cpp:
        for first, count in functions(file.code):
            if count > FUNCTION_LINES:
                file.report("function-length", first, f"a function of {count} lines; move leaves "
                            f"out (at most {FUNCTION_LINES})")


def check_header(file):
    if not file.path.endswith(".h"):
        return
    said = [line for line in file.lines if line.strip()]
    if "#pragma once" not in [line.strip() for line in said]:
        file.report("pragma-once", 1, "begin the header with #pragma once")
    said = [line for line in said if line.strip() != "#pragma once"]
    if not said or not said[0].startswith(("//", "/*")):
        file.report("header-comment", 1, "begin with one or two lines: what it is for, what not")


def check_test_sibling(file):
    if not file.path.startswith("src/") or not file.path.endswith(".cpp") or file.is_test:
        return
    if file.path.startswith("src/apps/") or re.search(r"(_impl|/main)\.cpp$", file.path):
        return
    if not functions(file.code):
        return
    sibling = file.path[:-len(".cpp")] + "_test.cpp"
    if sibling not in file.siblings:
        file.report("missing-test", 1, f"has logic but no {sibling.rsplit('/', 1)[1]} beside it")


def check_shared_ptr(file):
    for number, line in enumerate(file.code_lines, 1):
        if not re.search(r"\b(std::)?shared_ptr\b", line) or file.is_test:
            continue
        around = file.lines[max(0, number - 4):number]
        is_declared = re.search(r"shared_ptr\s*<.*>\s+\w+_(;|\s*=|\{)", line)
        if is_declared and not any("//" in near for near in around):
            file.report("shared-ptr", number, "say in a comment who shares it, or use unique_ptr")


def check_co_await(file):
    """g++ 12 destroys braces and lambdas inside an expression with co_await twice."""
    for match in re.finditer(r"\bco_await\b", file.code):
        depth = 0
        for char in file.code[match.end():match.end() + 2000]:
            if char in "([":
                depth += 1
            elif char in ")]":
                depth -= 1
            if depth < 0 or (char == ";" and depth == 0):
                break
            if char == "{":
                file.report("co-await-braces", line_at(file.code, match.start()), "g++ 12 destroys "
                            "braces and lambdas in a co_await expression twice; name the value "
                            "on its own line first")
                break


def check_name(file):
    stem = pathlib.PurePosixPath(file.path).stem
    if set(stem.lower().split("_")) & rules.EMPTY_NAMES:
        file.report("file-name", 1, "the name says nothing; use the noun that it holds")


def check_blanks(file):
    for number, line in enumerate(file.lines, 1):
        if line != line.rstrip():
            file.report("blanks", number, "blanks at the end of the line")
        if "\t" in line and not file.path.endswith(".md"):
            file.report("blanks", number, "a tab; use blanks")


def check_open_work(file):
    for number, line in enumerate(file.lines, 1):
        if rules.OPEN_WORK.search(line):
            file.report("open-work", number, "finish it or open an issue; the tree holds no notes")


def check_places(file, places):
    for pattern, sentence in places:
        for match in pattern.finditer(file.text):
            file.report("machine-path", line_at(file.text, match.start()), sentence)


def check_file(file, places=()):
    if file.is_cpp:
        for check in (check_banned, check_includes, check_header, check_test_sibling, check_name,
                      check_shared_ptr, check_co_await):
            check(file)
    if file.is_cpp or file.path.endswith(SCRIPTS) or "." not in file.path:
        for check in (check_lengths, check_open_work):
            if file.path not in rules.NOT_OURS:
                check(file)
    if file.is_cpp or file.path.endswith((*SCRIPTS, ".md", ".cmake", "CMakeLists.txt")):
        check_blanks(file)
    check_places(file, places)
    return file.findings


# ---- the tree -------------------------------------------------------------------------------

def tracked(root):
    """Paths of tracked and new files; without git (an unpacked archive) all but build folders."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        paths = listed.stdout.splitlines()
    else:
        paths = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
    left_out = ("build", ".git/", ".cache/", "node_modules/")
    return sorted(p for p in set(paths) if not p.startswith(left_out) and (root / p).is_file())


def findings(root):
    paths = tracked(root)
    siblings, places, found = frozenset(paths), rules.places_of(root), []
    for path in paths:
        if path.endswith(rules.BINARY) or (root / path).is_symlink():
            continue
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += check_file(File(path, text, siblings), places)
    return found


def known_gaps(root):
    """Files that still want a test of their own: lines "FILE RULE". The list may only shrink."""
    path = root / "scripts/tidy_known.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return {tuple(line.split()) for line in lines if line.strip() and not line.startswith("#")}


def gap_of(finding):
    where, _, rest = finding.partition(": ")
    return where.split(":")[0], rest.split(":")[0]


def settle(found, known):
    """The findings that are not known gaps, and a finding for each known gap that is none any more."""
    new = [f for f in found if gap_of(f) not in known]
    gone = sorted(known - {gap_of(f) for f in found})
    new += [f"scripts/tidy_known.txt:1: stale: {file} no longer breaks {rule}; take it off" for file, rule in gone]
    return new


def main():
    only = tuple(sys.argv[1:])
    known = known_gaps(ROOT)
    found = [f for f in settle(findings(ROOT), known) if not only or f.startswith(only)]
    for finding in found:
        print(finding)
    print(f"tidy: {len(found)} findings, {len(known)} known gaps")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
