"""The pages of docs/reference say what the sources, the schema and the description of the API say."""
import json
import pathlib
import re
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs/reference"
sys.path.insert(0, str(ROOT / "scripts"))
import check_api  # noqa: E402

CALL = re.compile(r"\b(?P<what>log_(?:debug|info|warn|error)|work\.note|note)\(\s*(?:\"(?P<name>[a-z_]+(?:\.[a-z_]+)+)\"|(?P<code>[a-z_]+),)")
KEY = re.compile(r"\{\"([a-z_]+)\",")
NAME = re.compile(r"\"((?:job|rent|attempt|agent|checkpoint|provider|machine|cost|budgets|server)\.[a-z_]+)\"")


def source_files(*folders):
    for folder in folders:
        for path in sorted((ROOT / "src" / folder).rglob("*")):
            if path.suffix in (".cpp", ".h") and "_test." not in path.name and "fixture" not in path.name:
                yield path


def call_text(text, start):
    """The call that begins there, up to its closing bracket; brackets in literals do not count."""
    depth, is_literal, i = 0, False, text.index("(", start)
    begin = i
    while True:
        char = text[i]
        if char == "\\":
            i += 1
        elif char == '"':
            is_literal = not is_literal
        elif not is_literal:
            depth += {"(": 1, ")": -1}.get(char, 0)
            if depth == 0:
                return text[begin:i]
        i += 1


def calls(kinds, *folders):
    """{name: (kinds, keys)} of all log calls or notes below the folders; a variable instead of a name by its own."""
    found = {}
    for path in source_files(*folders):
        text = path.read_text()
        for match in CALL.finditer(text):
            what = match["what"].removeprefix("work.")
            if not what.startswith(kinds):
                continue
            name = match["name"] or match["code"]
            known, keys = found.setdefault(name, (set(), set()))
            known.add(what)
            keys |= set(KEY.findall(call_text(text, match.start())))
    return found


def table_rows(text, columns):
    """The cells of every table row that has so many columns, without heads and lines."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == columns and not set(cells[0]) <= {"-", " "}:
            yield cells


def words(cell):
    return set(re.findall(r"`([^`]+)`", cell))


def section(page, title):
    text = (REFERENCE / page).read_text()
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"{page} has no section '{title}'"
    return found.group(1)


class LogEvents(unittest.TestCase):
    maxDiff = None

    def test_the_log_is_what_the_sources_log(self):
        said = {name.strip("`"): (level, words(keys))
                for name, level, keys, _ in table_rows(section("log-events.md", "The log"), 4) if name != "name"}
        meant = {name: (" ".join(sorted(what.removeprefix("log_") for what in kinds)), keys)
                 for name, (kinds, keys) in calls("log_", ".").items()}
        self.assertGreater(len(meant), 25)
        self.assertEqual(meant, said)

    def test_the_history_is_what_the_core_notes(self):
        said = {kind.strip("`"): words(fields)
                for kind, _, fields, _ in table_rows(section("log-events.md", "The history"), 4) if kind != "kind"}
        found = calls("note", "core")
        by_code = {name: keys for name, (_, keys) in found.items() if "." not in name}
        meant = {name: keys for name, (_, keys) in found.items() if "." in name}
        self.assertEqual({"event"}, set(by_code), "a name from elsewhere than phase_event: teach this test to read it")
        steps = (ROOT / "src/core/step/attempts_step.cpp").read_text()
        body = steps[steps.index("const char* phase_event"):]
        made = set(NAME.findall(body[:body.index("\n}")]))
        for name in made:
            meant[name] = meant.get(name, set()) | by_code["event"]
        self.assertEqual(meant, said)


def properties(schema, place, prefix=""):
    """Every key of the schema as a dotted path; references are followed, lists and free mappings are not."""
    if "$ref" in place:
        place = schema["definitions"][place["$ref"].rsplit("/", 1)[1]]
    for key, value in place.get("properties", {}).items():
        yield prefix + key
        yield from properties(schema, value, f"{prefix}{key}.")


def limits_of(schema, path):
    """(default, numbers that bound it) of a key, or None where the schema says nothing."""
    place = schema
    for part in path.split("."):
        place = place["properties"][part]
        if "$ref" in place:
            place = {**schema["definitions"][place["$ref"].rsplit("/", 1)[1]], **place}
    return place.get("default"), [place[word] for word in ("minimum", "maximum") if word in place], place.get("enum", [])


class JobFile(unittest.TestCase):
    SECTIONS = ("Top level", "`resources`", "`checkpoint`", "`recovery`", "`limits`")
    # Rows of which the parts have rows of their own.
    PARENTS = {"checkpoint.on_preempt"}

    def setUp(self):
        self.schema = json.loads((ROOT / "config/schemas/job.schema.json").read_text())
        self.rows = {}
        for title in self.SECTIONS:
            for key, *rest in table_rows(section("job-file.md", title), 5):
                if key != "key":
                    self.rows[key.strip("`")] = rest
        self.aliases = {name for cells in table_rows(section("job-file.md", "Words of other tools"), 2)
                        for name in words(cells[0])}

    def test_every_key_is_there_and_no_other(self):
        keys = set(properties(self.schema, self.schema)) - self.PARENTS
        self.assertEqual(keys, set(self.rows) | self.aliases)
        self.assertFalse(set(self.rows) & self.aliases)

    def test_defaults_limits_and_words_are_those_of_the_schema(self):
        seen = 0
        for key, (default, form, limits, _) in self.rows.items():
            meant, numbers, choices = limits_of(self.schema, key)
            if meant is not None:
                seen += 1
                self.assertIn(f"`{meant}`", default, key)
            for number in numbers:
                seen += 1
                self.assertRegex(limits, rf"\b{number}\b", key)
            for word in choices:
                seen += 1
                self.assertIn(f"`{word}`", form, key)
        self.assertGreater(seen, 15)

    def test_the_examples_are_valid(self):
        import jsonschema
        validator = jsonschema.Draft7Validator(self.schema)
        blocks = re.findall(r"```yaml\n(.*?)```", (REFERENCE / "job-file.md").read_text(), re.S)
        self.assertTrue(blocks)
        for text in blocks:
            self.assertEqual([], [e.message for e in validator.iter_errors(yaml.safe_load(text))])


class Api(unittest.TestCase):
    def setUp(self):
        self.document = yaml.safe_load(check_api.DOCUMENT.read_text())

    def test_routes_are_those_of_the_description(self):
        said = {word for cells in table_rows(section("api.md", "Routes"), 2) for word in words(cells[0])}
        self.assertEqual({one.name for one in check_api.operations(self.document)}, said)

    def test_codes_and_reasons_are_those_of_the_description(self):
        schemas = self.document["components"]["schemas"]
        codes = {word for cells in table_rows(section("api.md", "Errors"), 4) for word in words(cells[0])}
        self.assertEqual(set(schemas["Code"]["enum"]), codes)
        reasons = {word for cells in table_rows(section("api.md", "Reasons"), 3) for word in words(cells[0])}
        self.assertEqual(set(schemas["EndReason"]["enum"]), reasons)

    def test_the_problem_shown_is_as_described(self):
        problem = json.loads(re.search(r"```json\n(.*?)```", section("api.md", "Errors"), re.S).group(1))
        schema = check_api.expanded(self.document, self.document["components"]["schemas"]["Problem"])
        self.assertEqual([], list(check_api.problems_of_value(schema, problem, "problem")))


if __name__ == "__main__":
    unittest.main()
