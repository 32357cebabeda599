"""What functions run on: boto3, and the function's own code, unpacked."""

from __future__ import annotations

import compileall
import importlib.util
import io
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path
from py_compile import PycInvalidationMode

from ... import config

_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
_unpacking = threading.Lock()


def packages() -> Path:
    """boto3 with what it needs, copied to where nobody can read it (the checkout may stand under /root)."""
    version = importlib.import_module("botocore").__version__
    target = config.LAMBDA / f"runtime-{version}"
    with _unpacking:
        if not target.is_dir():
            partial = _fresh(target)
            for name in _PACKAGES:
                spec = importlib.util.find_spec(name)
                origin = Path(str(spec and spec.origin))
                if origin.name == "__init__.py":
                    shutil.copytree(origin.parent, partial / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(origin, partial)
            # Nobody may not write here, so each environment would compile all of it anew.
            compileall.compile_dir(
                partial,
                quiet=2,
                stripdir=partial,
                prependdir=target,
                invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
            )
            _publish(partial, target)
        shutil.copy(Path(__file__).with_name("bootstrap.py"), target / "bootstrap.py")
    return target


def unpack(code: bytes, digest: str) -> Path:
    """The directory that holds a zip's content, made once for each digest."""
    target = config.LAMBDA / f"code-{digest}"
    with _unpacking:
        if not target.is_dir():
            partial = _fresh(target)
            with zipfile.ZipFile(io.BytesIO(code)) as archive:
                archive.extractall(partial)
            _publish(partial, target)
    return target


def _fresh(target: Path) -> Path:
    config.LAMBDA.mkdir(parents=True, exist_ok=True)
    for folder in (config.LAMBDA, config.LAMBDA.parent):
        if os.geteuid() == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)  # to be passed through, not listed
    return Path(tempfile.mkdtemp(prefix=f"{target.name}.partial-", dir=config.LAMBDA))  # another lab may make it too


def _publish(partial: Path, target: Path) -> None:
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755 if path.is_dir() else path.stat().st_mode & 0o700 | 0o444)
    try:
        partial.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(partial)  # another lab was first, with the same
