"""Whatever a module does, a task says the same by the warm connection as by the stock way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

CASES = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text())
# What differs from one run to the next, both ways: ids, times, temporary files, where a module's source is.
RANDOM = [
    (r"\b(vpc|sg|sgr|dopt|acl|rtb|eipalloc)-[0-9a-f]{8,17}\b", r"\1-X"),
    (r"\bA(ROA|IDA)[A-Z0-9]{16,17}\b", "A-X"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?", "TIME"),
    (r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "TIME"),
    (r"http://127.0.0.1:\d{4,}", "ENDPOINT"),
    (r"\bj\d+\.\d+\b", "JOB"),
    (r"vpc-cidr-assoc-[0-9a-f]+", "ASSOCIATION"),
    (r"[^\s\"']*/(ansible(_collections)?/)", r"\1"),  # of the installed file, or in the archive
    (r"/play\d+\b", "/play"),
    (r"0x[0-9a-f]{8,}", "0xX"),
]
VARYING = {"responsemetadata", "delta", "start", "end", "started", "finished"}


def settled(value: Any) -> Any:
    if isinstance(value, dict):
        return {settled(key): settled(one) for key, one in value.items() if key.replace("_", "").lower() not in VARYING}
    if isinstance(value, list):
        return [settled(one) for one in value]
    if isinstance(value, str) and len(value) < 100_000:
        for pattern, replacement in RANDOM:
            value = re.sub(pattern, replacement, value)
    return value


@pytest.fixture(scope="module")
def both(run) -> dict[bool, Any]:
    return {warm: run(CASES, "-v", warm=warm) for warm in (True, False)}


@pytest.mark.parametrize("name", [case["name"] for case in CASES])
def test_the_same_result(both, name):
    warm, stock = (settled(both[way].results[name]["localhost"]) for way in (True, False))
    assert warm == stock


def test_the_same_exit_code_and_warnings(both):
    assert both[True].returncode == both[False].returncode

    assert settled(both[True].errors) == settled(both[False].errors)
    assert "mind the gap" in both[True].results["Warnings and deprecations"]["localhost"]["warnings"]
    for name in ("A warning as module_utils are loaded", "The same warning again"):
        assert "said as it is loaded" in both[True].results[name]["localhost"]["warnings"]


def test_secrets_are_masked(both):
    for run in both.values():
        assert "Sesame" not in run.output
    for name in ("A secret is masked", "Asynchronous, waited for"):
        assert both[True].results[name]["localhost"]["in_argv"] is False
        assert "****" in both[True].results[name]["localhost"]["said"]
