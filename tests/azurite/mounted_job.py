#!/usr/bin/python3
"""A job's data lies in a container of an Azurite; the machine fetches it there by signed URLs.

Run by tests/azurite/run.py -- tests/azurite/mounted_job.py, which names the account in $HERDER_TEST_AZ. The checks are
those of tests/e2e/e2e_buckets, which plays Azure itself.
"""
import base64
import hashlib
import hmac
import importlib.machinery
import importlib.util
import os
import pathlib
import time
import unittest
import urllib.parse
import urllib.request

E2E = pathlib.Path(__file__).resolve().parent.parent / "e2e/e2e_buckets"
loader = importlib.machinery.SourceFileLoader("e2e_buckets", str(E2E))
e2e_buckets = importlib.util.module_from_spec(importlib.util.spec_from_loader("e2e_buckets", loader))
loader.exec_module(e2e_buckets)


class Mounted(e2e_buckets.Sources):
    def start_store(self):
        place, _, endpoint = os.environ["HERDER_TEST_AZ"].partition("?")
        self.account, self.container = place.removeprefix("az://").split("/")
        self.url = endpoint.removeprefix("endpoint=")
        self.secret = os.environ["AZURE_STORAGE_KEY"]

    def credentials(self):
        return {"AZURE_STORAGE_KEY": self.secret}

    def source(self, key, bucket):
        name = self.container if bucket == "bucket" else bucket
        return f"az://{self.account}/{name}/{key}?endpoint={self.url}"

    def put(self, key, content):
        path = f"/{self.account}/{self.container}/" + urllib.parse.quote(key, safe="/~")
        headers = {"x-ms-blob-type": "BlockBlob", "x-ms-version": "2021-08-06",
                   "x-ms-date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())}
        ours = "\n".join(f"{name}:{headers[name]}" for name in sorted(headers))
        length = str(len(content)) if content else ""
        text = f"PUT\n\n\n{length}\n\napplication/octet-stream\n\n\n\n\n\n\n{ours}\n/{self.account}{path}"
        signature = base64.b64encode(hmac.digest(base64.b64decode(self.secret), text.encode(), hashlib.sha256)).decode()
        request = urllib.request.Request(self.url + path, content, method="PUT", headers={
            **headers, "Content-Type": "application/octet-stream",
            "Authorization": f"SharedKey {self.account}:{signature}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.assertEqual(answer.status, 201)

    def test_it_is_fetched_by_the_machine(self):
        self.check_missing("there is no container absent")
        self.run_job()


if __name__ == "__main__":
    unittest.main(verbosity=2)
