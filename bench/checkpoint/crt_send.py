"""Sends one file with the AWS CRT: crt_send.py URL FILE KEY. Needs awscrt from PyPI.

By itself rather than below boto3, which only speaks to buckets in the name of a host through the CRT.
"""
import os
import sys
from urllib.parse import urlsplit

from awscrt import auth, http, io, s3


def main():
    url, path, key = sys.argv[1:4]
    place, group = urlsplit(url), io.EventLoopGroup()
    connection, mode = None, s3.S3RequestTlsMode.DISABLED
    if place.scheme == "https":
        options = io.TlsContextOptions()
        options.override_default_trust_store_from_path(None, os.environ["AWS_CA_BUNDLE"])
        connection, mode = io.ClientTlsContext(options).new_connection_options(), s3.S3RequestTlsMode.ENABLED
    signing = s3.create_default_s3_signing_config(
        region="us-east-1", credential_provider=auth.AwsCredentialsProvider.new_default_chain())
    client = s3.S3Client(bootstrap=io.ClientBootstrap(group, io.DefaultHostResolver(group)), region="us-east-1",
                         tls_mode=mode, tls_connection_options=connection, signing_config=signing)
    headers = http.HttpHeaders([("host", place.netloc), ("content-length", str(os.path.getsize(path)))])
    request = http.HttpRequest("PUT", f"/bench/{key}", headers)
    client.make_request(type=s3.S3RequestType.PUT_OBJECT, request=request, send_filepath=path).finished_future.result()


if __name__ == "__main__":
    main()
