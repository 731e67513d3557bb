"""The JSON Schemas of config/schemas judge tests/corpus as the C++ parser does.

The parser's verdict is known from the corpus: good files pass, bad files have a .golden file (the
gtest corpus_test.cpp holds the parser to it). What only the parser can know is listed here.
"""
import json
import pathlib
import re
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/corpus"
SCHEMAS = {"job": "job", "profiles": "gpu_profiles", "budgets": "budgets"}

# Files that break a rule beyond the reach of a schema: names that exist elsewhere.
BEYOND_SCHEMAS = {"job/unknown_profile", "profiles/extends_nobody", "budgets/parents"}
# Files that are refused as YAML already; Python's parser is more lenient about these two.
LENIENT_IN_PYTHON = {"job/duplicate_key", "job/anchors"}


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2 core schema: yes, no and on are strings, as the C++ parser reads them."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("null", r"^(~|null|Null|NULL|)$", "~nN" + "\0"),
        ("bool", r"^(true|True|TRUE|false|False|FALSE)$", "tTfF"),
        ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
        ("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", "-+.0123456789")):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])


def schema_of(kind):
    return json.loads((ROOT / f"config/schemas/{SCHEMAS[kind]}.schema.json").read_text())


def problems(kind, path):
    """What the schema, or Python's YAML parser before it, has against a file."""
    try:
        document = yaml.load(path.read_text(), CoreLoader)
    except yaml.YAMLError as error:
        return [str(error)]
    validator = jsonschema.Draft7Validator(schema_of(kind))
    return [error.message for error in validator.iter_errors({} if document is None else document)]


def files(kind, verdict):
    return sorted((CORPUS / kind / verdict).glob("*.yaml"))


class SchemasAgreeWithTheParser(unittest.TestCase):
    def test_schemas_are_schemas(self):
        for kind in SCHEMAS:
            jsonschema.Draft7Validator.check_schema(schema_of(kind))

    def test_good_files_pass(self):
        for kind in SCHEMAS:
            for path in files(kind, "good"):
                with self.subTest(path=str(path.relative_to(ROOT))):
                    self.assertEqual(problems(kind, path), [])

    def test_bad_files_fail(self):
        seen = 0
        for kind in SCHEMAS:
            for path in files(kind, "bad"):
                name = f"{kind}/{path.stem}"
                seen += 1
                with self.subTest(path=name):
                    self.assertTrue(path.with_suffix(".golden").exists())
                    if name not in BEYOND_SCHEMAS | LENIENT_IN_PYTHON:
                        self.assertNotEqual(problems(kind, path), [])
        self.assertGreaterEqual(seen, 20)

    def test_shipped_files_and_examples_pass(self):
        self.assertEqual(problems("profiles", ROOT / "config/gpu_profiles.yaml"), [])
        self.assertEqual(problems("budgets", ROOT / "config/budgets.yaml"), [])
        for path in sorted(ROOT.glob("examples/*/job.yaml")):
            with self.subTest(path=str(path.relative_to(ROOT))):
                self.assertEqual(problems("job", path), [])


if __name__ == "__main__":
    unittest.main()
