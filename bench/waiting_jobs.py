"""Jobs that no machine fits, for measuring a server that is full but rents nothing."""
import http.client
import json
import urllib.parse

# A price that no offer has.
SPEC = {"name": "waits", "run": "true",
        "any_of": [{"gpu_name": "RTX_4090", "gpu_count": 1, "disk": 10_000_000_000, "price_max_micros": 1}]}


class Submitter:
    """Submits over one kept connection, so that what is measured is the submit."""

    def __init__(self, server):
        place = urllib.parse.urlsplit(server.url)
        self.connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        self.headers = {"Authorization": f"Bearer {server.api.token}", "Content-Type": "application/json"}

    def submit(self, number):
        body = json.dumps({"spec": {**SPEC, "name": f"waits-{number}"}})
        self.connection.request("POST", "/api/v1/jobs", body, {**self.headers, "Idempotency-Key": f"bench-{number}"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"submitting job {number}: {answer.status} {text[:300]!r}")

    def close(self):
        self.connection.close()


def fill(server, jobs, first=0):
    submitter = Submitter(server)
    for number in range(first, first + jobs):
        submitter.submit(number)
    submitter.close()

