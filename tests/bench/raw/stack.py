"""What all calls share: clients, names as the roles give them, tags, policies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

SERVICES = (
    *("ec2", "rds", "elbv2", "autoscaling", "iam", "s3", "sns", "sqs", "dynamodb", "lambda"),
    *("logs", "cloudwatch", "secretsmanager", "sts"),
)
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


class Stack:
    """
    :param client: gives a boto3 client for a service's name.
    :param name: prefix of every name.
    """

    def __init__(self, client: Callable[[str], Any], name: str) -> None:
        self.api = {service: client(service) for service in SERVICES}
        self.stack = name
        self.account = self.api["sts"].get_caller_identity()["Account"]
        self.tags = {"Stack": name, "ManagedBy": "threetier.aws"}
        self.mine = [{"Name": "tag:Stack", "Values": [name]}]
        self.topics = [f"arn:aws:sns:us-east-1:{self.account}:{name}-{topic}" for topic in TOPICS]
        self.buckets = {kind: f"{name}-{kind}-{self.account}" for kind in BUCKETS}

    def tagged(self, name: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in {**self.tags, "Name": f"{self.stack}-{name}"}.items()]

    def specified(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": self.tagged(name)}]
