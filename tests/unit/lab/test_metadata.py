"""The metadata service over a real socket, asked as cloud-init and botocore ask."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from botocore.utils import InstanceMetadataFetcher

from lab.services.ec2 import instances as ec2
from lab.services.ec2.metadata import Metadata

TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


class Guest:
    """What stands at 127.0.0.1 and asks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def token(self, seconds: str = "60") -> str:
        return self.session.put(self.url + "/latest/api/token", headers={TTL: seconds}, timeout=5).text

    def get(self, path: str, token: str | None = None, version: str = "latest") -> Any:
        headers = {TOKEN: self.token() if token is None else token}
        return self.session.get(f"{self.url}/{version}/{path}", headers=headers, timeout=5)


@pytest.fixture
def instance(machines: None, image: str, client: Any) -> Any:
    api, iam = client("ec2"), client("iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="app-profile")
    iam.add_role_to_instance_profile(InstanceProfileName="app-profile", RoleName="app")
    api.create_key_pair(KeyName="mine")
    subnet = api.describe_subnets()["Subnets"][0]["SubnetId"]
    api.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        KeyName="mine",
        UserData="#cloud-config\n{name: 'ü'}\n",
        IamInstanceProfile={"Name": "app-profile"},
        MetadataOptions={"HttpTokens": "required", "InstanceMetadataTags": "enabled"},
        NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}],
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Role", "Value": "webapp"}]}],
    )
    return next(ec2.all_instances())


@pytest.fixture
def guest(instance: Any) -> Iterator[Guest]:
    metadata = Metadata(lambda address: instance if address == "127.0.0.1" else None)
    listener = socket.create_server(("127.0.0.1", 0))
    metadata.start(listener)
    yield Guest(f"http://127.0.0.1:{listener.getsockname()[1]}")
    metadata.close()


@pytest.fixture(autouse=True)
def let_requests_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """mock_aws stands in the way of requests, this test's own included."""
    from moto.core.models import responses_mock

    responses_mock.add_passthru("http://127.0.0.1")


def test_no_answer_without_a_good_token(guest: Guest, instance: Any) -> None:
    assert guest.session.get(guest.url + "/latest/meta-data/", timeout=5).status_code == 401
    assert guest.get("meta-data/", "wrong").status_code == 401
    assert guest.get("meta-data/instance-id").text == instance.id
    assert guest.session.put(guest.url + "/latest/api/token", timeout=5).status_code == 400
    assert guest.session.put(guest.url + "/latest/api/token", headers={TTL: "21601"}, timeout=5).status_code == 400
    instance.metadata_options.http_tokens = "optional"
    assert guest.session.get(guest.url + "/latest/meta-data/instance-id", timeout=5).text == instance.id
    instance.metadata_options.http_endpoint = "disabled"
    assert guest.session.put(guest.url + "/latest/api/token", headers={TTL: "5"}, timeout=5).status_code == 403


def test_a_token_ends_at_its_time(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    token = guest.token("10")
    now = __import__("time").monotonic()
    monkeypatch.setattr("lab.services.ec2.metadata.time.monotonic", lambda: now + 11)
    assert guest.get("meta-data/", token).status_code == 401


@pytest.mark.parametrize("version", ["2009-04-04", "2016-09-02", "2021-03-23", "latest"])
def test_the_tree_that_cloud_init_walks(guest: Guest, instance: Any, version: str) -> None:
    token = guest.token()
    assert version in guest.session.get(guest.url + "/", headers={TOKEN: token}, timeout=5).text.split()

    def walk(path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in guest.get(path, token, version).text.split("\n"):
            if name.endswith("/"):
                found[name[:-1]] = walk(path + name)
            else:
                key, leaf = (name.split("=")[0] + "/openssh-key", "key") if "=" in name else (name, name)
                answer = guest.get(path + key, token, version)
                assert answer.status_code == 200, path + key
                found[leaf] = answer.text
        return found

    assert guest.get("dynamic/instance-identity/document", token, version).json()["instanceId"] == instance.id
    nic = instance.nics[0]
    tree = walk("meta-data/")
    assert tree["local-ipv4"] == instance.private_ip_address
    assert tree["public-ipv4"] == instance.public_ip
    assert tree["placement"]["region"] == "us-east-1"
    assert tree["network"]["interfaces"]["macs"][nic.mac_address]["subnet-id"] == nic.subnet.id
    assert tree["public-keys"]["key"].startswith("ssh-rsa ")
    assert tree["tags"]["instance"]["Role"] == "webapp"
    assert set(tree["iam"]["security-credentials"]) == {"app"}


def test_user_data_comes_as_it_was_given(guest: Guest, instance: Any) -> None:
    assert guest.get("user-data").content.decode() == "#cloud-config\n{name: 'ü'}\n"
    instance.user_data = None
    assert guest.get("user-data").status_code == 404
    assert guest.get("meta-data/nothing").status_code == 404


def test_botocore_gets_credentials_that_sts_knows(guest: Guest, client: Any) -> None:
    found = json.loads(guest.get("meta-data/iam/security-credentials/app").text)
    assert datetime.fromisoformat(found["Expiration"]) > datetime.now(UTC)
    assert json.loads(guest.get("meta-data/iam/security-credentials/app").text)["Token"] == found["Token"]
    fetcher = InstanceMetadataFetcher(timeout=2, num_attempts=1, base_url=guest.url)
    got = fetcher.retrieve_iam_role_credentials()
    assert (got["role_name"], got["access_key"]) == ("app", found["AccessKeyId"])
    import boto3

    keys = {"aws_access_key_id": found["AccessKeyId"], "aws_secret_access_key": found["SecretAccessKey"]}
    sts = boto3.client("sts", aws_session_token=found["Token"], region_name="us-east-1", **keys)
    assert ":assumed-role/app/i-" in sts.get_caller_identity()["Arn"]
