"""One step of it, in a process of its own as Ansible's: `python -m tests.bench.raw create|look|delete|instances`."""

from __future__ import annotations

import argparse
import io
import zipfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests import api

from .create import Create
from .delete import Delete
from .look import Look


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["create", "look", "delete", "instances"])
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--stack", required=True)
    wish = parser.parse_args()
    client = api.client_of(wish.endpoint, **api.KEYS)
    if wish.step == "look":
        Look(client, wish.stack).look()
    elif wish.step == "instances":
        Look(client, wish.stack).instances()
    elif wish.step == "delete":
        Delete(client, wish.stack).delete()
    else:
        key = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        Create(client, wish.stack).create(public_key=key, package=_function())


def _function() -> bytes:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.write(api.TOP / "roles/messaging/files/metadata/handler.py", "handler.py")
    return code.getvalue()


main()
