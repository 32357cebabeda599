"""Who an access key belongs to, and what the policies of that user or role let it do."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Any

from ... import backends
from . import policies


@dataclass(frozen=True)
class Identity:
    """A user of IAM, or a session of a role that somebody has assumed."""

    arn: str
    secret: str
    holder: Any  # moto's user or role, whose policies count; None: the role is gone
    token: str | None = None
    ends: datetime.datetime | None = None  # in UTC, without saying so

    def may(self, action: str, resource: str) -> bool:
        """Whether its policies allow this: those within it, those attached to it, and those of a user's groups."""
        statements = [{**one, "Principal": "*"} for text in _documents(self.holder) for one in _statements(text)]
        return policies.allows({"Statement": statements}, action=action, resource=resource)


def find(key: str) -> Identity | None:
    """Whose access key this is; None for one that the account has not given out."""
    for iam in backends.regions("iam"):
        for user in list(iam.users.values()):
            for own in user.access_keys:
                if own.access_key_id == key and own.status == "Active":
                    return Identity(user.arn, own.secret_access_key, user)
    for sts in backends.regions("sts"):
        for session in list(sts.assumed_roles):
            if session.access_key_id == key:
                ends = session.expiration.replace(tzinfo=None)
                role = role_of(session.role_arn)
                return Identity(session.arn, session.secret_access_key, role, session.session_token, ends)
    return None


def role_of(arn: str) -> Any:
    """moto's role of this ARN, None if there is none."""
    roles = (role for iam in backends.regions("iam") for role in list(iam.roles.values()))
    return next((role for role in roles if role.arn == arn), None)


def role_may(arn: str, action: str, resource: str) -> bool:
    """Whether a role is there and its policies allow this."""
    role = role_of(arn)
    return role is not None and Identity(arn, "", role).may(action, resource)


def _documents(holder: Any) -> list[Any]:
    if holder is None:
        return []
    groups = [group for iam in backends.regions("iam") for group in list(iam.groups.values())]
    holders = [holder, *(group for group in groups if holder in group.users)]
    inside = [text for one in holders for text in one.policies.values()]
    attached = [policy for one in holders for policy in one.managed_policies.values()]
    return inside + [
        version.document for one in attached for version in one.versions if version.version_id == one.default_version_id
    ]


def _statements(document: Any) -> list[Any]:
    return policies.statements(json.loads(document) if isinstance(document, str) else document)
