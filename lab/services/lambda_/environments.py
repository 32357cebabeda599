"""Execution environments: a process for each that runs one invocation at a time and is kept warm for the next one.

As on AWS, what a function has loaded, opened or left in /tmp is still there at its next invocation, if that meets the
same environment. One that timed out, died or failed to load is not used again; nor is one of former code or settings.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...cgroup import Cgroup, Limits
from ...lateness import machine as lateness
from . import network, runtime, sandbox

OVERHEAD = 512  # MiB of address space the interpreter and its libraries map without using
_INIT = 10.0  # seconds that AWS lets it take to load
# Errors of a function that could not be loaded. AWS begins its next invocation anew.
UNLOADED = ("Runtime.ImportModuleError", "Runtime.UserCodeSyntaxError", "Runtime.HandlerNotFound")
_GONE: bytes = b""  # what a reader says at the end of its pipe


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation: the payload, whether it is an error, what it wrote, how long it took."""

    payload: Any
    failed: bool
    output: str
    milliseconds: float
    peak: int | None = None  # MiB of memory that the environment has had at most; None if it has died
    init: Init | None = None  # of the environment's first invocation
    status: str = ""  # of one that did not end by itself: error or timeout


@dataclass(frozen=True)
class Init:
    """How an environment began: what it wrote while it loaded, and how long that took."""

    output: str
    milliseconds: float
    timed_out: bool = False


@dataclass(frozen=True)
class Spec:
    """What an environment is made of."""

    handler: str  # such as app.handler
    variables: dict[str, str]  # all of the process's environment but for what depends on the place
    code: Path  # the directory that holds the function
    memory: int  # MiB
    storage: int  # MiB that it may write to one file
    stream: str  # of the log
    place: network.Place


class Environment:
    """One process of one function."""

    def __init__(self, spec: Spec) -> None:
        self.begun = self.used = time.monotonic()
        self.stream = spec.stream
        self.init: Init | None = None  # from its loading to its first invocation
        self._mark, self._loaded = f"\0{secrets.token_hex(16)}\0".encode(), False
        self._unread, self._rest = b"", b""  # of its answers, and of what it wrote
        name = secrets.token_hex(8)
        self._sandbox = sandbox.make(name, spec.code, runtime.packages(), spec.place.resolver)
        self._cgroup = Cgroup(f"function-{name}") if spec.place.namespace else None
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._output: queue.Queue[bytes] = queue.Queue()
        self._start(spec)
        self._load()

    def _start(self, spec: Spec) -> None:
        where = self._sandbox
        command = [*where.command, "-I", "-S", "-u", f"{where.packages}/bootstrap.py"]
        if self._cgroup:
            self._cgroup.make(Limits(memory=spec.memory << 20))
            command = self._cgroup.command(command)
        places = {"LAMBDA_TASK_ROOT": where.code, "LAMBDA_RUNTIME_DIR": where.packages}
        reader, writer = os.pipe()
        self._process = subprocess.Popen(
            spec.place.enter(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**spec.variables, **places, "AWS_LAMBDA_LOG_STREAM_NAME": self.stream},
            start_new_session=True,
            pass_fds=[writer],
        )
        os.close(writer)
        alive.add(self)
        assert self._process.stdout
        for stream, target in ((os.fdopen(reader, "rb"), self._answers), (self._process.stdout, self._output)):
            threading.Thread(target=_read, args=(stream, target), name="function", daemon=True).start()
        begin = {"code": where.code, "packages": where.packages, "answer": writer, "mark": self._mark.decode()}
        self._send({**begin, "memory": spec.memory + OVERHEAD, "storage": spec.storage, "handler": spec.handler})

    def _load(self) -> None:
        """Wait until its module is loaded, which takes none of its invocations' time. One that is late goes on then."""
        output, timed_out = "", False
        try:
            self._line(self.begun + _INIT * lateness.factor())
        except queue.Empty:
            timed_out = True
        else:
            output, self._loaded = self._written(), True
        self.init = Init(output, (time.monotonic() - self.begun) * 1000, timed_out)

    def invoke(self, task: dict[str, Any]) -> Outcome:
        """Run the task's handler to its end or its time limit."""
        begin, init, before = time.monotonic(), self.init, ""
        self.init = None
        task["context"]["log_stream_name"] = self.stream
        self._send(task)
        try:
            if not self._loaded:
                self._line(begin + task["timeout"])
                before, self._loaded = self._written(), True
            raw = self._line(begin + task["timeout"])
        except queue.Empty:
            self.kill()
            return _timeout(task, before + self._written(), begin, init)
        output = before + self._written()
        self.used = time.monotonic()
        if raw:
            succeeded, answer, peak = json.loads(raw)
            return Outcome(answer, not succeeded, output, (self.used - begin) * 1000, peak, init)
        code = self._process.wait()
        self.kill()
        return _exit(task, code, output, begin, init)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and all that it has started, and what is left in its /tmp."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if self._cgroup:
            self._cgroup.remove()
        self._sandbox.remove()
        alive.discard(self)

    def _send(self, document: dict[str, Any]) -> None:
        assert self._process.stdin
        with contextlib.suppress(OSError):  # it has died, which its answer's end will tell
            self._process.stdin.write(json.dumps(document).encode() + b"\n")
            self._process.stdin.flush()

    def _line(self, end: float) -> bytes:
        """Its answer, nothing if it died; queue.Empty if there is none in time."""
        while b"\n" not in self._unread:
            part = self._answers.get(timeout=max(0.0, end - time.monotonic()))
            if part == _GONE:
                self._answers.put(_GONE)
                return b""
            self._unread += part
        line, _, self._unread = self._unread.partition(b"\n")
        return line + b"\n"

    def _written(self) -> str:
        """What it wrote up to the next mark, or up to its end."""
        found, end = self._rest, time.monotonic() + 5
        with contextlib.suppress(queue.Empty):
            while self._mark not in found:
                part = self._output.get(timeout=max(0.0, end - time.monotonic()))
                if part == _GONE:
                    self._output.put(_GONE)
                    break
                found += part
        found, _, self._rest = found.partition(self._mark)
        return found.decode("utf-8", "replace")


alive: set[Environment] = set()


def _read(stream: Any, target: queue.Queue[bytes]) -> None:
    with stream:
        while part := os.read(stream.fileno(), 65536):
            target.put(part)
    target.put(_GONE)


def _timeout(task: dict[str, Any], output: str, begin: float, init: Init | None) -> Outcome:
    took, request_id = (time.monotonic() - begin) * 1000, task["context"]["aws_request_id"]
    sentence = f"Task timed out after {task['timeout']:.2f} seconds"
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    payload = {"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {request_id} Error: {sentence}"}
    return Outcome(payload, True, f"{output}{moment} {request_id} {sentence}\n", took, None, init, "timeout")


def _exit(task: dict[str, Any], code: int, output: str, begin: float, init: Init | None) -> Outcome:
    took, request_id = (time.monotonic() - begin) * 1000, task["context"]["aws_request_id"]
    end = f"signal: {signal.Signals(-code).name.removeprefix('SIG').lower()}" if code < 0 else f"exit status {code}"
    sentence = f"RequestId: {request_id} Error: Runtime exited with error: {end}"
    payload = {"errorType": "Runtime.ExitError", "errorMessage": sentence}
    return Outcome(payload, True, f"{output}{sentence}\n", took, None, init, "error\tError Type: Runtime.ExitError")
