"""check_api.py finds what deviates from the description, and the description is sound."""
import copy
import json
import pathlib
import sys
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import check_api  # noqa: E402

REAL = yaml.safe_load(check_api.DOCUMENT.read_text())
ID = "req_0123456789abcdef"
DOCUMENT = yaml.safe_load("""
tags: [{name: things, description: Things.}]
paths:
  /things:
    get:
      operationId: listThings
      summary: Things
      tags: [things]
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        "200":
          description: Things.
          headers: {X-Request-Id: {$ref: "#/components/headers/Id"}}
          content: {application/json: {schema: {$ref: "#/components/schemas/List"}}}
        "401": {$ref: "#/components/responses/NotFound"}
components:
  headers: {Id: {required: true, schema: {type: string}}}
  parameters: {}
  responses:
    NotFound:
      description: Nothing there.
      headers: {X-Request-Id: {$ref: "#/components/headers/Id"}}
      content: {application/problem+json: {schema: {$ref: "#/components/schemas/Problem"}}}
  schemas:
    List: {type: object, required: [items], properties: {items: {type: array, items: {type: integer}}}}
    Problem: {type: object, required: [code], properties: {code: {type: string}}}
""")


def answer(**changed):
    line = {"method": "GET", "path": "/api/v1/things", "query": {}, "has_token": True, "request_body": "",
            "status": 200, "content_type": "application/json", "headers": {"X-Request-Id": ID},
            "body": json.dumps({"items": [1]})}
    return {**line, **changed}


def refusal(status, **changed):
    return answer(status=status, content_type="application/problem+json", body='{"code": "X"}', **changed)


class Record(unittest.TestCase):
    def problems(self, *lines, **options):
        found, outside = check_api.check_record(DOCUMENT, lines, **options)
        return found["GET /things"], outside

    def test_what_is_described_passes(self):
        self.assertEqual(([], []), self.problems(
            answer(), answer(query={"limit": "3"}), refusal(401), refusal(404, path="/api/v1/nothing"),
            refusal(405, method="PUT", headers={"X-Request-Id": ID, "Allow": "GET"})))

    def test_each_deviation_of_an_answer_is_found(self):
        for name, line in {
                "a member more": answer(body='{"items": [1], "more": 1}'),
                "a member less": answer(body="{}"),
                "another type": answer(body='{"items": ["one"]}'),
                "no JSON": answer(body="oops"),
                "another status": answer(status=418),
                "another media type": answer(content_type="text/plain"),
                "a header less": answer(headers={}),
                "a header more": answer(headers={"X-Request-Id": ID, "X-More": "1"}),
                "a parameter more": answer(query={"size": "1"}),
                "a parameter's type": answer(query={"limit": "many"}),
                "no token": answer(has_token=False),
                "a problem without a code": refusal(401) | {"body": "{}"}}.items():
            with self.subTest(name):
                problems, _ = self.problems(answer(), line)
                self.assertEqual(1, len(problems), problems)

    def test_an_answer_at_an_address_that_is_not_described_is_found(self):
        for line in (answer(path="/api/v1/secret"), refusal(400, path="/api/v1/secret"),
                     refusal(405, method="PUT"), answer(method="DELETE")):
            _, outside = self.problems(answer(), line)
            self.assertEqual(1, len(outside), line)

    def test_an_operation_must_have_been_seen_with_something_in_it(self):
        for lines in ((), (refusal(401),), (answer(body='{"items": []}'),)):
            self.assertEqual(1, len(self.problems(*lines)[0]))
            self.assertEqual([], self.problems(*lines, is_partial=True)[0])

    def test_events_of_a_stream_are_checked(self):
        media = {"schema": {"type": "string"}, "x-data-schema": {"type": "integer"}}
        self.assertEqual([], list(check_api.problems_of_body(media, answer(body="id: 1\ndata: 5\n\n"))))
        self.assertEqual(1, len(list(check_api.problems_of_body(media, answer(body='data: "five"\n\n')))))


class Description(unittest.TestCase):
    def test_ours_is_sound(self):
        self.assertEqual([], list(check_api.check_document(REAL)))

    def test_each_fault_of_a_description_is_found(self):
        self.assertEqual([], list(check_api.check_document(DOCUMENT)))

        def broken(change):
            document = copy.deepcopy(DOCUMENT)
            change(document, document["paths"]["/things"]["get"])
            return list(check_api.check_document(document))

        for change in (lambda d, get: d["components"]["schemas"].pop("List"),
                       lambda d, get: d["components"]["schemas"].update(Unused={}),
                       lambda d, get: d["components"]["schemas"]["List"].update(type="lisst"),
                       lambda d, get: d["components"]["schemas"]["List"]["required"].append("other"),
                       lambda d, get: get.pop("summary"),
                       lambda d, get: get.update(tags=["other"]),
                       lambda d, get: get["responses"].pop("401"),
                       lambda d, get: get["responses"]["200"].pop("description")):
            self.assertNotEqual([], broken(change))


if __name__ == "__main__":
    unittest.main()
