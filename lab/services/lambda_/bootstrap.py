"""Runs one invocation inside a function's process. Copied beside the runtime, so it may import nothing of the lab.

Reads its task as JSON from standard input, writes the handler's result as JSON to the descriptor named in the task.
"""

import importlib
import json
import logging
import os
import resource
import sys
import time
import traceback
from datetime import UTC, datetime


class Context:
    """What AWS hands a Python handler as its second argument."""

    identity = None
    client_context = None

    def __init__(self, task):
        self.__dict__.update(task["context"])
        self._end = time.monotonic() + task["timeout"]

    def get_remaining_time_in_millis(self):
        return max(0, int((self._end - time.monotonic()) * 1000))


class Formatter(logging.Formatter):
    def __init__(self, request_id):
        super().__init__()
        self._request_id = request_id

    def format(self, record):
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        text = f"[{record.levelname}]\t{moment}.{int(record.msecs):03d}Z\t{self._request_id}\t{record.getMessage()}"
        return text + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


def limit(megabytes, files):
    memory = megabytes * 2**20
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, files * 2**20),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def error(kind, message, trace=()):
    print(f"[ERROR] {kind}: {message}" + ("\nTraceback (most recent call last):\n" + "".join(trace) if trace else ""))
    return {"errorMessage": message, "errorType": kind, "stackTrace": list(trace)}


def find(handler):
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


def own_frames(problem):
    frames = traceback.extract_tb(problem.__traceback__)
    return traceback.format_list([f for f in frames if f.filename != __file__ and "importlib" not in f.filename])


def run(task):
    function, problem = find(task["handler"])
    if problem:
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


def main():
    task = json.load(sys.stdin)
    sys.path[:0] = [task["code"], task["packages"]]
    os.chdir(task["code"])
    limit(task["memory"], task["storage"])
    to_log = logging.StreamHandler(sys.stdout)
    to_log.setFormatter(Formatter(task["context"]["aws_request_id"]))
    logging.getLogger().addHandler(to_log)
    succeeded, answer = run(task)
    sys.stdout.flush()
    with os.fdopen(task["answer"], "w") as out:
        json.dump([succeeded, answer], out)


if __name__ == "__main__":
    main()
