"""
The parts of docs/policies/ that follow from the kinds of resources: `python -m tests.policies` says whether they are
stale, `write` makes them.

`find.json` and `teardown.json` are made whole. In `data.json` and `edge.json` what deletes is made, and the rest is
written by hand.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
from ansible_collections.threetier.aws.plugins.plugin_utils import _resource_kinds
from policy_sentry.querying.actions import get_action_data

from tests import iam

_EDGE = ("acm:", "cloudfront:", "route53:", "wafv2:")  # kinds that edge.json deletes: a stack without a domain has none
_DATA = ("rds:cluster",)  # and data.json these, for only a stack with an Aurora cluster has them
_Statement = dict[str, Any]


@dataclasses.dataclass
class _Rights:
    """Actions with the ARNs that they are needed on, and those for which AWS knows no ARN."""

    actions: set[str] = dataclasses.field(default_factory=set)
    arns: set[str] = dataclasses.field(default_factory=set)
    anywhere: set[str] = dataclasses.field(default_factory=set)

    def add(self, actions: Iterable[str], arns: set[str]) -> None:
        narrow = {action for action in actions if _is_narrow(action)}
        self.actions |= narrow
        self.arns |= arns if narrow else set()
        self.anywhere |= {*actions} - narrow


def main(arguments: list[str]) -> int:
    stale = []
    for name, policy in policies(_resource_kinds.read()).items():
        path = iam.POLICIES / f"{name}.json"
        text = json.dumps(policy, indent=2) + "\n"
        if not path.exists() or path.read_text() != text:
            stale.append(path)
            if "write" in arguments:
                path.write_text(text)
    if stale and "write" not in arguments:
        print(
            f"{', '.join(str(Path(path).name) for path in stale)} of docs/policies is stale: make docs", file=sys.stderr
        )
        return 1
    return 0


def policies(kinds: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Those that are made, whole or in parts, as they have to be."""
    edge, data = ([kind for kind in kinds if kind["type"].startswith(types)] for types in (_EDGE, _DATA))
    core = [kind for kind in kinds if kind not in edge + data]
    lease = _by_hand("data", "OneRunAtATime")
    return {
        "find": _policy(_finding(kinds)),
        "teardown": _policy(_deleting(core) + lease),
        "data": _policy(_by_hand("data", "(?!Delete)") + _deleting(data)),
        "edge": _policy(_by_hand("edge", "(?!Delete)") + _deleting(edge)),
    }


def _finding(kinds: list[dict[str, Any]]) -> list[_Statement]:
    listed, asked = _Rights(), _Rights()  # of all there is, for nothing tells beforehand what is the stack's
    for kind in kinds:
        listing = kind["list"]
        every = {re.sub(r"(/aws/\S*?)?(STACK|DATABASE)\S*", "*", arn) for arn in kind["rights"]["arns"]}
        listed.add(_actions(listing["service"], [listing["operation"]]), every)
        tags = listing["tags"] if isinstance(listing.get("tags"), dict) else {}
        operations = [tags["operation"], *tags.get("arn", [])[:1]] if "operation" in tags else []
        asked.add(_actions(listing["service"], operations), every)
        for question in listing.get("ask", {}).values():
            asked.add(_actions(question.get("service", listing["service"]), [question["operation"]]), every)
        if within := listing.get("within"):
            listed.add(_actions(listing["service"], [within["operation"]]), every)
    return [
        _statement("ListEveryKind", listed.anywhere | asked.anywhere, {"*"}),
        _statement("ListEveryKindByArn", listed.actions, listed.arns),
        _statement("LookAtWhatIsFound", asked.actions, asked.arns),
    ]


def _deleting(kinds: list[dict[str, Any]]) -> list[_Statement]:
    tagged, named, unknown = _Rights(), _Rights(), _Rights()
    for kind in kinds:
        arns = {*kind["rights"]["arns"]}
        with_name = any("STACK" in arn or "DATABASE" in arn for arn in arns)
        scope = named if with_name else tagged if kind["rights"].get("tagged", True) else unknown
        scope.add(kind["rights"]["delete"], arns)
    tag = {"StringEquals": {"aws:ResourceTag/ManagedBy": "threetier.aws", "aws:ResourceTag/Stack": "STACK"}}
    statements = [
        _statement("DeleteWhatCarriesTheStacksTags", tagged.actions, tagged.arns) | {"Condition": tag},
        _statement("DeleteWhatHasTheStacksName", named.actions, named.arns),
        _statement("DeleteWhatHasNeither", unknown.actions, unknown.arns),
        _statement("DeleteWhatHasNoArn", tagged.anywhere | named.anywhere | unknown.anywhere, {"*"}),
    ]
    return [statement for statement in statements if statement["Action"]]


def _by_hand(name: str, sids: str) -> list[_Statement]:
    """Statements of a policy whose Sid matches."""
    text = (iam.POLICIES / f"{name}.json").read_text()
    return [statement for statement in json.loads(text)["Statement"] if re.match(sids, statement["Sid"])]


def _policy(statements: list[_Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(sid: str, actions: Iterable[str], on: Iterable[str]) -> _Statement:
    where = sorted({*on})
    return {"Sid": sid, "Effect": "Allow", "Action": sorted({*actions}), "Resource": where if where != ["*"] else "*"}


def _actions(service: str, operations: list[str]) -> set[str]:
    """What IAM has to allow for operations in boto3's words."""
    client = boto3.client(service, region_name="us-east-1")
    model = client.meta.service_model
    calls = [
        {"service": model.signing_name, "action": client.meta.method_to_api_mapping[operation]}
        for operation in operations
    ]
    return iam.needed(calls)


def _is_narrow(action: str) -> bool:
    """Whether AWS knows of resources for it, so that it need not be allowed on all."""
    (entries,) = get_action_data(*action.split(":")).values()
    return {entry["resource_arn_format"] for entry in entries} != {"*"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
