# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
The rotation of a secret, in steps that a killed run may have ended anywhere between. Private to this collection.

The label AWSPENDING says that a rotation is not done. It is put on the new version when that is made, and removed when
nothing of the old version counts any more.
"""

from __future__ import annotations

import secrets as random
import string
import uuid
from typing import Any
from typing import NamedTuple

from ansible_collections.threetier.aws.plugins.module_utils._secretsmanager import secrets

_CHARACTERS = string.ascii_letters + string.digits + "-_.~"
_LENGTH = 32


class Labels(NamedTuple):
    """The ids of the version in use and of the one that is to be in use next, which is empty between two rotations."""

    current: str
    pending: str


def labels(versions: list[dict[str, Any]]) -> Labels:
    """
    Where the labels are.

    :param versions: those of the secret, as secrets.versions() lists them.
    """
    found = {stage: str(one["id"]) for one in versions for stage in one["stages"]}
    return Labels(found.get(secrets.CURRENT, ""), found.get(secrets.PENDING, ""))


def wanted(versions: list[dict[str, Any]], step: str) -> Labels:
    """
    Where the labels are after a step.

    :param step: begin, promote or finish, the options of the module.
    """
    now = labels(versions)
    if step == "begin":
        # The same for two who ask at once, so that AWS refuses the second.
        new = uuid.uuid5(uuid.NAMESPACE_OID, f"{now.current} {len(versions)}")
        return now._replace(pending=now.pending or str(new))
    if step == "promote":
        return now._replace(current=now.pending or now.current)
    return now._replace(pending="")


def apply(client: Any, name: str, now: Labels, then: Labels, username: str) -> None:
    """Make the change between the two, which are of one step."""
    if then.current != now.current:
        secrets.make_current(client, name, then.current, now.current)
    elif then.pending:
        password = "".join(random.choice(_CHARACTERS) for _position in range(_LENGTH))
        secrets.add_pending(client, name, {"username": username, "password": password}, then.pending)
    else:
        secrets.remove_pending(client, name, now.pending)
