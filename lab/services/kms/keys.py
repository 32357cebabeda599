"""Keys of KMS as their users meet them: by the state of the key, and by its policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.kms.models import KmsBackend

from ... import backends
from ...monkeypatch import wrap
from ..iam import policies

_PUBLISHING = ("kms:GenerateDataKey", "kms:Decrypt")  # what a service needs to publish to an encrypted topic


def refusal(key: str, *, region: str, service: str, context: Mapping[str, str]) -> str:
    """
    Why a service cannot publish to a topic that is encrypted with this key; nothing if it can.

    :param key: id, ARN or alias; nothing if the topic is not encrypted.
    :param service: asking AWS service, such as s3.amazonaws.com.
    :param context: condition keys of the request, such as aws:SourceArn.
    """
    if not key:
        return ""
    if key.removeprefix("alias/").startswith("aws/"):
        return f"the policy of {key}, which nobody can change, lets no {service} use it"
    backend = backends.backend("kms", region)
    try:
        found = backend.describe_key(key)
    except KeyError:
        return f"there is no key {key}"
    if found.key_state != "Enabled":
        return f"the key {key} is {found.key_state}"
    for action in _PUBLISHING:
        if not policies.allows(found.policy, action=action, resource=found.arn, service=service, context=context):
            return f"the policy of {key} does not let {service} do {action}"
    return ""


def refusal_by_topic(topic_arn: str, *, service: str, context: Mapping[str, str]) -> str:
    """Why the key of a topic keeps a service from publishing to it; nothing if it can, or if there is no such topic."""
    region = topic_arn.split(":")[3]
    topic = backends.backend("sns", region).topics.get(topic_arn)
    return refusal(topic.kms_master_key_id if topic else "", region=region, service=service, context=context)


def take_arns(original: Any) -> Any:
    """These operations of moto know a key by its id only."""

    def change(self: KmsBackend, key_id: str, *arguments: Any, **more: Any) -> Any:
        return original(self, self.get_key_id(key_id), *arguments, **more)

    return change


def install(_machines: bool = False) -> None:
    for name in ("schedule_key_deletion", "cancel_key_deletion", "enable_key", "disable_key"):
        wrap(KmsBackend, name, take_arns)
