"""What is the same for every test is read once: most of their time went into reading it anew."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from botocore import loaders


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """All sessions of botocore share their models, and moto leaves out IAM's managed policies, which none needs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
        patch.setattr("botocore.session.create_loader", functools.cache(loaders.create_loader))
        yield
