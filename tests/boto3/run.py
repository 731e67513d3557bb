#!/usr/bin/env python3
"""Drives `s3d` with boto3, over HTTP and TLS. Optional and outside the gate: it installs boto3 from PyPI
into build/boto3, and says that it was skipped where that cannot be done.

usage: tests/boto3/run.py S3D
"""
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import venv

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent.parent / "build" / "boto3"
PACKAGE = "boto3==1.43.11"  # PyPI, 2026
KEY, SECRET, REGION = "boto", "boto-secret", "eu-test-1"
FOREIGN = ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_PROFILE",
           "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "http_proxy", "https_proxy", "HTTP_PROXY",
           "HTTPS_PROXY")


def enter_environment(arguments):
    """Runs this script again inside a virtual environment that has boto3."""
    python = FOLDER / "bin" / "python"
    if not python.exists():
        venv.create(FOLDER, with_pip=True)
    installed = subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], capture_output=True, text=True,
                               check=False)
    if installed.returncode != 0:
        print(f"skipped: boto3 cannot be installed: {installed.stderr.strip()[-300:]}")
        sys.exit(0)
    os.execv(python, [str(python), __file__, "--inside", *arguments])


class Server:
    """One s3d and a client for it."""

    def __init__(self, program, folder, flags):
        self.folder = pathlib.Path(folder)
        url_file = self.folder / "url"
        self.certificate = self.folder / "certificate.pem"
        self.process = subprocess.Popen(
            [program, "--bucket", "b", "--key", f"{KEY}:{SECRET}", "--region", REGION, "--page", "3", "--url-file",
             url_file, "--certificate-file", self.certificate, *flags], stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 60
        while not url_file.exists() and time.monotonic() < limit:
            time.sleep(0.05)
        self.url = url_file.read_text().strip()

    def client(self, secret=SECRET):
        import boto3
        from botocore.config import Config
        verify = str(self.certificate) if self.url.startswith("https") else None
        return boto3.client("s3", endpoint_url=self.url, region_name=REGION, aws_access_key_id=KEY,
                            aws_secret_access_key=secret, verify=verify,
                            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 3}))

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Suite:
    """The same over each transport; boto3 signs bodies and sends checksums differently over TLS."""

    flags = []

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Server(PROGRAM, cls.folder.name, cls.flags)
        cls.s3 = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.folder.cleanup()

    def code(self, call, **arguments):
        from botocore.exceptions import ClientError
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        return caught.exception.response["Error"]["Code"]

    def test_objects_with_odd_keys(self):
        for key in ("plain", "a b/+=%&é~", "deep/er/one"):
            self.s3.put_object(Bucket="b", Key=key, Body=b"text " + key.encode())
            self.assertEqual(self.s3.get_object(Bucket="b", Key=key)["Body"].read(), b"text " + key.encode())
            self.s3.delete_object(Bucket="b", Key=key)
            self.assertEqual(self.code(self.s3.get_object, Bucket="b", Key=key), "NoSuchKey")

    def test_checksums(self):
        for algorithm in ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"):
            try:
                self.s3.put_object(Bucket="b", Key="sum", Body=io.BytesIO(b"x" * 100_000), ChecksumAlgorithm=algorithm)
            except Exception as missing:  # botocore without its C extension knows fewer
                if "crt" not in str(missing).lower():
                    raise
                continue
            head = self.s3.head_object(Bucket="b", Key="sum", ChecksumMode="ENABLED")
            self.assertTrue(head[f"Checksum{algorithm}"])
        self.assertEqual(self.code(self.s3.put_object, Bucket="b", Key="sum", Body=b"x", ChecksumCRC32="AAAAAA=="),
                         "BadDigest")

    def test_multipart_by_the_transfer_manager(self):
        body = os.urandom(20_000_001)
        self.s3.upload_fileobj(io.BytesIO(body), "b", "large")
        out = io.BytesIO()
        self.s3.download_fileobj("b", "large", out)
        self.assertEqual(out.getvalue(), body)
        self.assertTrue(self.s3.head_object(Bucket="b", Key="large")["ETag"].endswith('-3"'))
        part = self.s3.get_object(Bucket="b", Key="large", Range="bytes=5-9")
        self.assertEqual(part["Body"].read(), body[5:10])

    def test_pages(self):
        for number in range(8):
            self.s3.put_object(Bucket="b", Key=f"pages/{number}", Body=b"x")
        for version in ("list_objects_v2", "list_objects"):
            pages = list(self.s3.get_paginator(version).paginate(Bucket="b", Prefix="pages/"))
            keys = [item["Key"] for page in pages for item in page["Contents"]]
            self.assertEqual(keys, [f"pages/{number}" for number in range(8)])
            self.assertEqual(len(pages), 3)
        self.s3.delete_objects(Bucket="b", Delete={"Objects": [{"Key": f"pages/{n}"} for n in range(8)]})
        self.assertNotIn("Contents", self.s3.list_objects_v2(Bucket="b", Prefix="pages/"))

    def test_uploads_are_listed_and_aborted(self):
        uploads = [self.s3.create_multipart_upload(Bucket="b", Key=f"u/{n}")["UploadId"] for n in range(4)]
        self.s3.upload_part(Bucket="b", Key="u/0", UploadId=uploads[0], PartNumber=1, Body=b"part")
        self.assertEqual(self.s3.list_parts(Bucket="b", Key="u/0", UploadId=uploads[0])["Parts"][0]["Size"], 4)
        listed = [u for page in self.s3.get_paginator("list_multipart_uploads").paginate(Bucket="b", Prefix="u/")
                  for u in page["Uploads"]]
        self.assertEqual(sorted(u["UploadId"] for u in listed), sorted(uploads))
        for number, upload in enumerate(uploads):
            self.s3.abort_multipart_upload(Bucket="b", Key=f"u/{number}", UploadId=upload)
        self.assertEqual(self.code(self.s3.list_parts, Bucket="b", Key="u/0", UploadId=uploads[0]), "NoSuchUpload")

    def test_conditions(self):
        self.s3.put_object(Bucket="b", Key="once", Body=b"1", IfNoneMatch="*")
        self.assertEqual(self.code(self.s3.put_object, Bucket="b", Key="once", Body=b"2", IfNoneMatch="*"),
                         "PreconditionFailed")
        etag = self.s3.head_object(Bucket="b", Key="once")["ETag"]
        self.s3.put_object(Bucket="b", Key="once", Body=b"3", IfMatch=etag)

    def test_presigned_urls(self):
        if self.server.url.startswith("https"):
            self.skipTest("the same over HTTP")
        url = self.s3.generate_presigned_url("put_object", Params={"Bucket": "b", "Key": "signed"}, ExpiresIn=60)
        request = urllib.request.Request(url, data=b"text", method="PUT", headers={"Content-Type": ""})
        with urllib.request.urlopen(request):
            pass
        url = self.s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "signed"}, ExpiresIn=60)
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.read(), b"text")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url.replace("/signed?", "/once?"))
        refused.exception.close()
        self.assertEqual(refused.exception.code, 403)

    def test_wrong_secrets_are_refused(self):
        self.assertEqual(self.code(self.server.client("wrong").list_objects_v2, Bucket="b"), "SignatureDoesNotMatch")


class OverHttp(Suite, unittest.TestCase):
    pass


class OverTls(Suite, unittest.TestCase):
    flags = ["--tls"]


if __name__ == "__main__":
    if "--inside" not in sys.argv:
        enter_environment(sys.argv[1:])
    PROGRAM = str(pathlib.Path(sys.argv[2]).resolve())
    for name in FOREIGN:
        os.environ.pop(name, None)
    unittest.main(argv=[sys.argv[0]], verbosity=2)
