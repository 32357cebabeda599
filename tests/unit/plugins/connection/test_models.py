"""What the warm worker learned, a fork need not read or work out again."""

from __future__ import annotations

import subprocess
import sys

from tests.api import TOP

# In a process of its own: it changes botocore, and whoever listens to what Python opens listens until its end.
MAKES_CLIENTS = """
import sys
from _warm_worker import Models

models, seen, services = Models(), [], ("ec2", "s3", "iam")
def make():
    import boto3
    session = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="x")
    clients = [session.client(name, "eu-west-1") for name in services]
    assert clients[0].can_paginate("describe_instances")
    assert "instance_running" in clients[0].waiter_names
    assert clients[1].generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})
    return {name for client in clients for name in dir(client)}

sys.addaudithook(lambda event, about: seen.append(str(about[0])) if event in ("open", "os.listdir") else None)
def of_botocore():
    # Which versions a service has, each client asks anew: one directory, not 400.
    own = tuple(f"/data/{name}" for name in services)
    found = [place for place in seen if "/data" in place and "/boto" in place and not place.endswith(own)]
    seen.clear()
    return len(found)

plain = make()
assert of_botocore() > 100, "nobody listens"
learned = set(models.new)
models.new.clear()
again = make()
print(len(learned), of_botocore(), len(models.new), plain == again)
"""


def test_a_client_made_once_needs_no_file_the_second_time():
    done = subprocess.run(
        [sys.executable, "-c", MAKES_CLIENTS],
        env={"PYTHONPATH": str(TOP / "plugins/plugin_utils")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", "0", "0", "True"]
