"""Other tools that send a file to a bucket, as far as they are installed."""
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import time

BOTO3 = """
import sys, boto3
boto3.client("s3", endpoint_url=sys.argv[1]).upload_file(sys.argv[2], "bench", sys.argv[3])
"""
CRT = pathlib.Path(__file__).resolve().parent / "crt_send.py"


def version_of(command):
    told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    return " ".join(told.split()[:2]) if told else command[0]


def commands(store, path):
    """{name with version: function(key) that gives the words of one upload}."""
    found = {}
    if importlib.util.find_spec("boto3"):
        import boto3
        found[f"boto3 {boto3.__version__}"] = lambda key: [sys.executable, "-c", BOTO3, store.url, path, key]
    if importlib.util.find_spec("awscrt"):
        import awscrt
        found[f"AWS CRT {awscrt.__version__}"] = lambda key: [sys.executable, CRT, store.url, path, key]
    if shutil.which("aws"):
        found[version_of(["aws", "--version"])] = lambda key: [
            "aws", "--endpoint-url", store.url, "s3", "cp", "--quiet", path, f"s3://bench/{key}"]
    if shutil.which("s5cmd"):
        found[f"s5cmd {version_of(['s5cmd', 'version'])}"] = lambda key: [
            "s5cmd", "--endpoint-url", store.url, "cp", path, f"s3://bench/{key}"]
    if shutil.which("rclone"):
        remote = (f":s3,provider=Other,env_auth=true,endpoint='{store.url}':bench")
        found[version_of(["rclone", "version"])] = lambda key: [
            "env", "-u", "AWS_CA_BUNDLE", "rclone", "copyto", *(["--ca-cert", str(store.certificate)] if store.certificate.exists() else []),
            path, f"{remote}/{key}"]
    return found


def present_peers(store, path):
    """{name: function(turn) that sends `path` and gives (seconds, CPU seconds)}.

    A tool that cannot send a few bytes to this store is left out with a word.
    """
    environment = {**store.environment(), "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench-secret",
                   "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}

    def sender(name, words_of):
        def send(turn):
            words = [str(word) for word in words_of(f"peer/{os.getpid()}/{name}/{turn}".replace(" ", "-"))]
            began, before = time.perf_counter(), os.times()
            subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=True)
            after = os.times()
            spent = after.children_user + after.children_system - before.children_user - before.children_system
            return time.perf_counter() - began, spent
        return send

    trial = path.parent / "trial"
    trial.write_bytes(os.urandom(32 << 20))
    tried, found = commands(store, trial), commands(store, path)
    for name, words_of in tried.items():
        try:
            sender(name, words_of)("trial")
        except subprocess.CalledProcessError as error:
            print(f"bench/checkpoint: {name} left out, its trial ended with {error.returncode}", file=sys.stderr)
            del found[name]
    trial.unlink()
    if not found:
        print("bench/checkpoint: no boto3, aws, s5cmd or rclone here to stand beside it", file=sys.stderr)
    return {name: sender(name, words_of) for name, words_of in found.items()}
