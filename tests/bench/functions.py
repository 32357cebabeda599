"""How long the lab's functions take to begin and to answer: `make bench-functions`, on the lab's API alone.

One is empty, one loads boto3 as those of the stack do. Cold is the first invocation of a new execution environment,
warm each later one. Seen are the function's own lines in its log, and the whole call as its caller sees it.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import re
import statistics
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from tests import api

HANDLERS = {
    "empty": "def handler(event, context):\n    return 1\n",
    "boto3": "import boto3\nS3 = boto3.client('s3')\ndef handler(event, context):\n    return len(S3.list_buckets())\n",
}
_WORDS = re.compile(r"\tDuration: ([\d.]+) ms.*?(?:Init Duration: ([\d.]+) ms)?$", re.MULTILINE)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench-functions", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="cold invocations of each (default: %(default)s)")
    runs = parser.parse_args(argv).runs
    with api.serve() as endpoint:
        client = api.client_of(endpoint, "AKIABENCHONLY0000000", "never-a-real-secret")
        print("| function | | init, ms | handler, ms | call, ms |\n|---|---|---|---|---|")
        for name, code in HANDLERS.items():
            for kind, seen in _measure(client, name, code, runs).items():
                init, handler, call = (statistics.median(column) for column in zip(*seen, strict=True))
                print(f"| {name} | {kind}, {len(seen)} | {init:.0f} | {handler:.0f} | {call:.0f} |")
    return 0


def _measure(client: Callable[[str], Any], name: str, code: str, runs: int) -> dict[str, list[tuple[float, ...]]]:
    functions, seen = client("lambda"), {"cold": [], "warm": []}  # type: dict[str, list[tuple[float, ...]]]
    _make(client, name, code)
    _call(functions, name)  # unpacks what all later ones find unpacked
    for number in range(runs):
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": {"RUN": str(number)}})
        seen["cold"].append(_call(functions, name))
        seen["warm"] += [_call(functions, name) for _ in range(5)]
    return seen


def _make(client: Callable[[str], Any], name: str, code: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", code)
    wanted = {"Handler": "app.handler", "Runtime": "python3.13", "Timeout": 60, "Code": {"ZipFile": packed.getvalue()}}
    client("lambda").create_function(FunctionName=name, Role=role, **wanted)


def _call(functions: Any, name: str) -> tuple[float, ...]:
    """Milliseconds that it took to begin (0 if it was warm), that the handler took, and that the caller waited."""
    begin = time.monotonic()
    answer = functions.invoke(FunctionName=name, LogType="Tail")
    took = (time.monotonic() - begin) * 1000
    words = _WORDS.search(base64.b64decode(answer["LogResult"]).decode())
    assert words, "the function's log has no REPORT"
    return float(words[2] or 0), float(words[1]), took


if __name__ == "__main__":
    sys.exit(main())
