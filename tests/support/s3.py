"""An S3-compatible server (moto) that knows one key. Prints `PORT KEY SECRET` and serves until its input ends."""

import json
import os
import sys

# So many calls need no key: those below. Afterwards every call is signed, or refused.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "4"

import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()


def client(service):
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="first", aws_secret_access_key="first")


client("s3").create_bucket(Bucket="documents")
iam = client("iam")
iam.create_user(UserName="yiqi")
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
iam.put_user_policy(UserName="yiqi", PolicyName="documents", PolicyDocument=json.dumps(policy))
key = iam.create_access_key(UserName="yiqi")["AccessKey"]
print(port, key["AccessKeyId"], key["SecretAccessKey"], flush=True)
sys.stdin.read()
server.stop()
