"""Runs a function's invocations, one after the other, inside its process. Copied beside the runtime, so it may import
nothing of the lab.

Reads one JSON document a line from standard input: first what the process is for, then a task for each invocation.
Writes an empty line when the function's module is loaded, then for each task a line of JSON with the handler's result
and the most memory that the process has had, to the descriptor that the first document names. A mark on standard output
ends what belongs to the loading, or to an invocation.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any


class Context:
    """What AWS hands a Python handler as its second argument."""

    identity = None
    client_context = None

    def __init__(self, task: dict[str, Any]) -> None:
        self.__dict__.update(task["context"])
        self._end = time.monotonic() + task["timeout"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._end - time.monotonic()) * 1000))


class Formatter(logging.Formatter):
    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        text = f"[{record.levelname}]\t{moment}.{int(record.msecs):03d}Z\t{self.request_id}\t{record.getMessage()}"
        return text + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


def limit(megabytes: int, files: int) -> None:
    memory = megabytes * 2**20
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, files * 2**20),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def error(kind: str, message: str, trace: Iterable[str] = ()) -> dict[str, Any]:
    print(f"[ERROR] {kind}: {message}" + ("\nTraceback (most recent call last):\n" + "".join(trace) if trace else ""))
    return {"errorMessage": message, "errorType": kind, "stackTrace": list(trace)}


def find(handler: str) -> tuple[Callable[..., Any] | None, dict[str, Any] | None]:
    """The handler, or what is wrong with it. Its module is loaded once."""
    module_name, _, name = handler.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as problem:
        return None, error("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {problem}")
    except SyntaxError as problem:
        return None, error("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {problem}")
    except Exception as problem:
        return None, error(type(problem).__name__, str(problem), own_frames(problem))
    if not hasattr(module, name):
        return None, error("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'")
    return getattr(module, name), None


def own_frames(problem: Exception) -> list[str]:
    frames = traceback.extract_tb(problem.__traceback__)
    return traceback.format_list([f for f in frames if f.filename != __file__ and "importlib" not in f.filename])


def run(task: dict[str, Any]) -> tuple[bool, Any]:
    function, problem = find(task["handler"])
    if function is None:
        return False, problem
    try:
        answer = function(task["event"], Context(task))
    except Exception as caught:
        return False, error(type(caught).__name__, str(caught), own_frames(caught))
    try:
        json.dumps(answer)
    except (TypeError, ValueError) as caught:
        return False, error("Runtime.MarshalError", f"Unable to marshal response: {caught}")
    return True, answer


def peak() -> int:
    """The most memory that this process has had, in MiB."""
    with open("/proc/self/status") as status:
        return next((int(line.split()[1]) >> 10 for line in status if line.startswith("VmHWM:")), 0)


def end_output(mark: str) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(1, mark.encode())


def main() -> None:
    begin = json.loads(sys.stdin.readline())
    sys.path[:0] = [begin["code"], begin["packages"]]
    os.chdir(begin["code"])
    limit(begin["memory"], begin["storage"])
    formatter, to_log = Formatter(), logging.StreamHandler(sys.stdout)
    to_log.setFormatter(formatter)
    logging.getLogger().addHandler(to_log)
    with os.fdopen(begin["answer"], "w") as out:
        with contextlib.suppress(Exception):  # find() says what is wrong, at each invocation
            importlib.import_module(begin["handler"].rpartition(".")[0].replace("/", "."))
        end_output(begin["mark"])
        out.write("\n")
        out.flush()
        while line := sys.stdin.readline():
            task = json.loads(line)
            formatter.request_id = task["context"]["aws_request_id"]
            succeeded, answer = run(task)
            end_output(begin["mark"])
            json.dump([succeeded, answer, peak()], out)
            out.write("\n")
            out.flush()


if __name__ == "__main__":
    main()
