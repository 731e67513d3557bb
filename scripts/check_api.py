#!/usr/bin/env python3
"""Holds recorded answers of the API against its description: check_api.py RECORD [--partial]

RECORD is what the tests write to the file named by HERDER_API_RECORD, those of src/api and the end-to-end
tests: one line of JSON for each request with its answer. Prints a TAP line for each operation of the
description and one for the description itself. An operation fails when an answer has a status, a media type,
a header or a member that is not described, or lacks one that is; when a request that was accepted is not as
described; and, without --partial, when no test ever saw it succeed, a list with an item in it. An answer to
an address that the description does not have fails too, unless it is a refusal.
"""
import argparse
import collections
import json
import pathlib
import re
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "src/api/openapi.yaml"
METHODS = ("get", "put", "post", "delete", "patch")
# What any HTTP server may add to an answer.
HTTP_HEADERS = {"cache-control", "connection", "content-length", "content-type", "date", "transfer-encoding"}
Operation = collections.namedtuple("Operation", "name pattern parameters body responses is_public")


def find(document, ref):
    value = document
    for part in ref.removeprefix("#/").split("/"):
        value = value[part]
    return value


def expanded(document, value, is_closed=True):
    """The value with all references put in. Closed: an object with named members has no others."""
    if isinstance(value, list):
        return [expanded(document, one, is_closed) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return expanded(document, find(document, value["$ref"]), is_closed)
    result = {key: expanded(document, one, is_closed) for key, one in value.items()}
    if is_closed and isinstance(result.get("properties"), dict) and "type" in result:
        result.setdefault("additionalProperties", False)
    return result


def validator(schema):
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def pattern_of(path):
    """{path}, the last part of outputs, takes slashes; every other name takes one part."""
    text = re.escape(path).replace(r"\{path\}", "(?P<path>.+)")
    return re.compile("/api/v1" + re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", text) + "$")


def operations(document):
    found = []
    for path, item in document["paths"].items():
        item = expanded(document, item)
        for method in METHODS:
            if method not in item:
                continue
            one = item[method]
            found.append(Operation(
                f"{method.upper()} {path}", pattern_of(path), item.get("parameters", []) + one.get("parameters", []),
                one.get("requestBody"), one["responses"], one.get("security") == []))
    # The most literal path first, as the routes are found.
    return sorted(found, key=lambda one: one.name.count("{"))


# ---- one answer -----------------------------------------------------------------------------

def problems_of_value(schema, value, where):
    for error in validator(schema).iter_errors(value):
        place = "/".join(str(part) for part in error.absolute_path)
        yield f"{where}/{place}: {error.message[:300]}"


def parsed(text, where):
    """(value, problem)"""
    try:
        return json.loads(text), ""
    except ValueError as error:
        return None, f"{where} is no JSON: {error}"


def problems_of_stream(schema, text):
    for line in text.splitlines():
        if line.startswith("data: "):
            value, problem = parsed(line.removeprefix("data: "), "an event")
            yield from [problem] if problem else problems_of_value(schema, value, "event")


def problems_of_body(media, line):
    if line["method"] == "HEAD":
        return
    if "x-data-schema" in media:
        yield from problems_of_stream(media["x-data-schema"], line["body"])
    elif media["schema"] != {"type": "string"}:
        value, problem = parsed(line["body"], "the body")
        yield from [problem] if problem else problems_of_value(media["schema"], value, "body")


def problems_of_headers(described, line):
    sent = {name.lower(): value for name, value in line["headers"].items()}
    for name, header in described.items():
        if name.lower() in sent:
            yield from problems_of_value(header["schema"], sent[name.lower()], f"header {name}")
        elif header.get("required"):
            yield f"there is no header {name}"
    for name in set(sent) - {name.lower() for name in described} - HTTP_HEADERS:
        yield f"the header {name} is not described"


def problems_of_answer(responses, line):
    described = responses.get(str(line["status"]))
    if described is None:
        yield f"status {line['status']} is not described: {line['body'][:200]}"
        return
    yield from problems_of_headers(described.get("headers", {}), line)
    media = described.get("content")
    if media is None:
        if line["body"]:
            yield "a body where none is described"
    elif line["content_type"] not in media:
        yield f"the media type {line['content_type']} is not described"
    else:
        yield from problems_of_body(media[line["content_type"]], line)


# ---- one accepted request -------------------------------------------------------------------

def from_text(schema, text):
    """A query parameter as the schema's type has it."""
    kinds = [one.get("type") for one in schema.get("anyOf", [schema])]
    if "integer" in kinds and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    return text


def problems_of_request(operation, line):
    known = {one["name"]: one for one in operation.parameters if one["in"] == "query"}
    for name, text in line["query"].items():
        if name not in known:
            yield f"the query parameter {name} is not described, and was accepted"
        else:
            schema = known[name]["schema"]
            yield from problems_of_value(schema, from_text(schema, text), f"?{name}")
    body = operation.body and operation.body["content"].get("application/json")
    if body and (line["request_body"] or operation.body.get("required")):
        value, problem = parsed(line["request_body"], "the request's body")
        yield from [problem] if problem else problems_of_value(body["schema"], value, "request")
    if not operation.is_public and not line["has_token"]:
        yield "it was accepted without a token"


# ---- the whole ------------------------------------------------------------------------------

def match(operations_, line):
    for operation in operations_:
        method = operation.name.split()[0]
        if method == line["method"] or (line["method"], method) == ("HEAD", "GET"):
            if operation.pattern.match(line["path"]):
                return operation
    return None


def problems_outside(document, line):
    """Of an answer to an address or a method that is not described: it may only be a refusal."""
    if line["status"] not in (401, 404, 405):
        return [f"{line['method']} {line['path']} is not described, and was answered with {line['status']}"]
    described = expanded(document, document["components"]["responses"]["NotFound"])
    if line["status"] == 405:
        described["headers"] = {**described["headers"], "Allow": {"required": True, "schema": {"type": "string"}}}
    return list(problems_of_answer({str(line["status"]): described}, line))


def has_substance(line):
    """Whether the answer shows all that there is to see: a list has to have an item."""
    if line["content_type"] != "application/json" or line["method"] == "HEAD":
        return True
    value = json.loads(line["body"])
    return not isinstance(value, dict) or "items" not in value or bool(value["items"])


def check_record(document, lines, is_partial=False):
    """({operation: problems}, problems of answers elsewhere)"""
    known = operations(document)
    found, succeeded, outside = {one.name: [] for one in known}, set(), []
    for line in lines:
        operation = match(known, line)
        if operation is None:
            outside += problems_outside(document, line)
            continue
        title = f"{line['method']} {line['path']} -> {line['status']}: "
        found[operation.name] += [title + text for text in problems_of_answer(operation.responses, line)]
        if line["status"] < 400:
            if not found[operation.name] and has_substance(line):
                succeeded.add(operation.name)
            found[operation.name] += [title + text for text in problems_of_request(operation, line)]
    for name, problems in found.items():
        if name not in succeeded and not problems and not is_partial:
            problems.append("no test saw it succeed with something to show")
    return found, outside


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = value.values()
    if not isinstance(value, str) and hasattr(value, "__iter__"):
        for one in value:
            yield from references(one)


def schemas_in(value):
    if isinstance(value, dict):
        for key, one in value.items():
            if key in ("schema", "x-data-schema"):
                yield one
            else:
                yield from schemas_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from schemas_in(one)


def check_document(document):
    """What is wrong with the description itself."""
    for ref in set(references(document)):
        try:
            find(document, ref)
        except KeyError:
            yield f"{ref} leads nowhere"
            return
    used = {ref for ref in references(document)}
    for kind in ("headers", "parameters", "responses", "schemas"):
        for name in document["components"][kind]:
            if f"#/components/{kind}/{name}" not in used:
                yield f"the {kind[:-1]} {name} is used nowhere"
    for schema in [*schemas_in(expanded(document, document["paths"])),
                   *expanded(document, document["components"]["schemas"]).values()]:
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            yield f"no JSON Schema: {error.message}"
        if isinstance(schema.get("properties"), dict):
            for name in set(schema.get("required", [])) - set(schema["properties"]):
                yield f"the required member {name} is not described"
    yield from check_operations(document)


def check_operations(document):
    ids, tags = set(), {tag["name"] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            one, name = item[method], f"{method.upper()} {path}"
            if not one.get("summary") or one.get("operationId") in ids | {None}:
                yield f"{name} has no summary or no operationId of its own"
            ids.add(one.get("operationId"))
            if not set(one.get("tags", [])) or set(one["tags"]) - tags:
                yield f"{name} has no tag of the list"
            if one.get("security") != [] and "401" not in one["responses"]:
                yield f"{name} needs a token and does not describe 401"
            if any("description" not in expanded(document, response) for response in one["responses"].values()):
                yield f"{name} has a response without a description"


def report(title, problems):
    print(f"{'not ok' if problems else 'ok'} - {title}")
    for text in list(dict.fromkeys(problems))[:20]:
        print(f"    {text}")
    return bool(problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("record", type=pathlib.Path)
    parser.add_argument("--partial", action="store_true", help="not every operation needs to be there")
    options = parser.parse_args()
    document = yaml.safe_load(DOCUMENT.read_text())
    failed = report("the description", list(check_document(document)))
    if failed:
        sys.exit(1)
    lines = [json.loads(line) for line in options.record.read_text().splitlines()]
    found, outside = check_record(document, lines, options.partial)
    for name, problems in found.items():
        failed |= report(name, problems)
    failed |= report(f"{len(lines)} answers, none of them to an address that is not described", outside)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
