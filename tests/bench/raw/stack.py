"""What all calls share: clients, names as the roles give them, tags, policies."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

ROLES = ("lambda-role", "instance-role", "builder-role")
ALARMS = ("errors", "throttles", "depth", "alb-errors")
TOPICS = ("sns-topic", "alarms-sns-topic")
BUCKETS = ("backend", "releases", "frontend")
PAGE = ("index.html", "api.js", "app.js", "list.js", "style.css", "icon.svg", "config.json")
VERSION = {"Version": "2012-10-17"}


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({**VERSION, "Statement": [statement]})


def allow(action: list[str], resource: str) -> str:
    return json.dumps({**VERSION, "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})


class Clients(dict[str, Any]):
    """By service, each made when it is first asked for."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, service: str) -> Any:
        self[service] = self._make(service)
        return self[service]


class Stack:
    """
    :param client: gives a boto3 client for a service's name.
    :param name: prefix of every name.
    """

    def __init__(self, client: Callable[[str], Any], name: str) -> None:
        self.api = Clients(client)
        self.stack = name
        self.tags = {"Stack": name, "ManagedBy": "threetier.aws"}
        self.mine = [{"Name": "tag:Stack", "Values": [name]}]

    @functools.cached_property
    def account(self) -> str:
        return str(self.api["sts"].get_caller_identity()["Account"])

    @property
    def topics(self) -> list[str]:
        return [f"arn:aws:sns:us-east-1:{self.account}:{self.stack}-{topic}" for topic in TOPICS]

    @property
    def buckets(self) -> dict[str, str]:
        return {kind: f"{self.stack}-{kind}-{self.account}" for kind in BUCKETS}

    def tagged(self, name: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in {**self.tags, "Name": f"{self.stack}-{name}"}.items()]

    def specified(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": self.tagged(name)}]
