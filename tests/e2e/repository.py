"""A small apt repository in a bucket's website: something to upgrade, whenever a test wants it."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
from pathlib import Path
from typing import Any

PACKAGE = "threetier-probe"
# What a host has in /etc decides how it takes the upgrade.
_PREINST = """#!/bin/sh -e
if [ -e /etc/threetier-probe-refuses ]; then echo "this host refuses" >&2; exit 1; fi
if [ -e /etc/threetier-probe-dawdles ]; then
  echo now >/run/threetier-probe-dawdles
  sleep 20
  rm /run/threetier-probe-dawdles
fi
"""
_POSTINST = """#!/bin/sh -e
if [ -e /etc/threetier-probe-reboots ]; then
  touch /run/reboot-required
  echo threetier-probe >>/run/reboot-required.pkgs
fi
"""


class Repository:
    """A flat repository; `publish` adds a version of the package to it."""

    def __init__(self, s3: Any, place: Path, stack: str) -> None:
        self.bucket = f"{stack}-test-apt-repository"
        self.url = f"http://{self.bucket}.s3-website-us-east-1.amazonaws.com"
        self._s3, self._place, self._index = s3, place, []
        with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(Bucket=self.bucket)
        s3.put_bucket_website(Bucket=self.bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "Packages"}})
        s3.put_bucket_policy(
            Bucket=self.bucket,
            Policy=f'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": "*", '
            f'"Action": "s3:GetObject", "Resource": "arn:aws:s3:::{self.bucket}/*"}}]}}',
        )

    @property
    def source(self) -> str:
        """The line for apt. Nobody signs what only a test installs."""
        return f"deb [trusted=yes] {self.url} probe/"

    def publish(self, version: str) -> None:
        package = self._build(version)
        data = package.read_bytes()
        self._index.append(
            f"{self._control(version)}Filename: probe/{package.name}\nSize: {len(data)}\n"
            f"SHA256: {hashlib.sha256(data).hexdigest()}\n"
        )
        index = "\n".join(self._index).encode()
        digest = hashlib.sha256(index).hexdigest()
        release = f"Label: threetier-test\nSuite: stable-security\nSHA256:\n {digest} {len(index)} Packages\n"
        for name, body in ((package.name, data), ("Packages", index), ("Release", release.encode())):
            self._s3.put_object(Bucket=self.bucket, Key=f"probe/{name}", Body=body)

    def close(self) -> None:
        for found in self._s3.list_objects_v2(Bucket=self.bucket).get("Contents", []):
            self._s3.delete_object(Bucket=self.bucket, Key=found["Key"])
        self._s3.delete_bucket(Bucket=self.bucket)

    def _control(self, version: str) -> str:
        return (
            f"Package: {PACKAGE}\nVersion: {version}\nArchitecture: all\nMaintainer: tests <root@localhost>\n"
            f"Description: something to upgrade\n"
        )

    def _build(self, version: str) -> Path:
        tree = self._place / version
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(self._control(version))
        for name, text in (("preinst", _PREINST), ("postinst", _POSTINST)):
            (tree / "DEBIAN" / name).write_text(text)
            (tree / "DEBIAN" / name).chmod(0o755)
        built = self._place / f"{PACKAGE}_{version}_all.deb"
        subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, built], check=True, capture_output=True)
        return built
