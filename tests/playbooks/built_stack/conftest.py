"""Tests on a stack that site.yml has built: each file has a copy of its own, with an API of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.walk import stacks

NAME = stacks.NAME  # of the stack
QUICK = {"webapp_rollout_pause": 1, "webapp_refresh_warmup": 0}


@pytest.fixture(scope="module")
def site(state: Callable[[str], stacks.Stack]) -> Iterator[stacks.Stack]:
    with state("built").copy() as copy:
        yield copy


@pytest.fixture(scope="module")
def endpoint(site: stacks.Stack) -> str:
    return site.endpoint


@pytest.fixture(scope="module")
def client(site: stacks.Stack) -> Callable[[str], Any]:
    return site.client


@pytest.fixture(scope="module")
def inventory(site: stacks.Stack) -> Path:
    return site.inventory


@pytest.fixture(scope="module")
def stack() -> str:
    return NAME
