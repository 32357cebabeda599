# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

"""The controller's end of the warm worker: find it or start it, have a module run, take its output.

One worker serves all forks of one process of Ansible. They meet at a socket in Ansible's own temporary directory,
which belongs to that process, is closed to other users and goes with it.
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import hashlib
import json
import multiprocessing
import os
import selectors
import signal
import socket
import struct
import subprocess
import typing as t

import ansible
from ansible import constants as C
from ansible.release import __author__, __version__
from ansible.utils.display import Display
from ansible_collections.threetier.aws.plugins.plugin_utils import _turns

_PROGRAM = os.path.join(os.path.dirname(__file__), "_warm_worker.py")
# Python, the loader, libc and botocore read these once, when they start: a worker serves one set of them.
_READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "GLIBC_", "MALLOC_", "OPENSSL_", "SSL_CERT", "HOME", "AWS_DATA_PATH")
_PATIENCE = 60  # seconds for the worker to load what a module imports


class StockWay(Exception):
    """Why a task goes the stock way; if unexpected, the user is told."""

    def __init__(self, reason: str, unexpected: bool = False) -> None:
        super().__init__(reason)
        self.unexpected = unexpected


def warn_stock(reason: str) -> None:
    """Say it once in a run, whichever fork comes first."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(os.path.join(C.DEFAULT_LOCAL_TMP, "threetier-warm-warned"), os.O_CREAT | os.O_EXCL, 0o600))
        Display().warning(
            f"threetier.aws.warm_local runs AWS modules the stock way, which is slower ({reason}). "
            "THREETIER_AWS_WARM=false turns it off."
        )


class Worker:
    """The worker that fits a request and its environment."""

    def __init__(self, request: t.Any, environment: dict[str, str], idle: int) -> None:
        if not os.path.isabs(request.interpreter) or not os.access(request.interpreter, os.X_OK):
            raise StockWay("the interpreter is not one file")
        self._request = request
        self._environment = environment
        parent = multiprocessing.parent_process()
        self._settings = {
            "controller": parent.pid if parent else os.getpid(),
            "idle": idle,
            "ansible": {"version": __version__, "author": __author__, "path": os.path.dirname(ansible.__file__)},
            "collections": request.collections,
        }
        start = {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_READ_AT_START)}
        self._start_environment = kept | start
        key = json.dumps([request.interpreter, self._settings, sorted(start.items())])
        self._socket = f"threetier-warm-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        self._place = os.path.join(C.DEFAULT_LOCAL_TMP, self._socket)

    def run(self, cwd: str) -> tuple[int, bytes, bytes]:
        """Exit code, output and errors of the module, as of the shell that would have started it."""
        message = json.dumps(
            {
                "module": self._request.module,
                "parameters": self._request.parameters,
                "profile": self._request.profile,
                "environment": self._environment,
                "cwd": cwd,
                "umask": _umask(),
            }
        ).encode()
        link, pipes = self._offered(message)
        with link, contextlib.ExitStack() as stack:
            for pipe in pipes:
                stack.callback(pipe.close)
            try:
                link.sendall(b"\n")
            except OSError as error:
                raise StockWay(f"the worker ended: {error}", unexpected=True) from error
            # From here on the module may have run: whatever happens, it is not run again.
            link.settimeout(None)
            with _turns.waiting():
                _read_all(pipes)
                answer = _receive(link)
            return _outcome(answer, *(bytes(pipe.content) for pipe in pipes))

    def _offered(self, message: bytes) -> tuple[socket.socket, list[_Pipe]]:
        """The link on which the worker waits for the word to run the module, and what that will write to."""
        for again in (True, False):
            link, pipes = self._link(), [_Pipe(), _Pipe()]
            with contextlib.suppress(OSError):  # it may be about to end, being idle
                _send(link, message, [pipe.writing for pipe in pipes])
            answer = _receive(link)
            for pipe in pipes:
                pipe.close_writing()
            if "accepted" in answer:
                return link, pipes
            link.close()
            for pipe in pipes:
                pipe.close()
            if "declined" in answer:
                raise StockWay(answer["declined"], unexpected=answer["unexpected"])
            if not again:
                raise StockWay(self._last_words(), unexpected=True)
        raise AssertionError

    def _link(self) -> socket.socket:
        directory = os.open(C.DEFAULT_LOCAL_TMP, os.O_RDONLY | os.O_DIRECTORY)
        link = socket.socket(socket.AF_UNIX)
        try:
            # An address has 108 bytes at most.
            address = self._place if len(self._place) < 100 else f"/proc/self/fd/{directory}/{self._socket}"
            link.settimeout(_PATIENCE)
            try:
                link.connect(address)
            except (FileNotFoundError, ConnectionRefusedError):
                self._start(address)
                link.connect(address)
            _pid, uid, _gid = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            if uid != os.geteuid():
                raise StockWay("its socket belongs to another user", unexpected=True)
        except Exception as error:
            link.close()
            if isinstance(error, StockWay):
                raise
            raise StockWay(f"the worker cannot be reached: {error}", unexpected=True) from error
        finally:
            os.close(directory)
        return link

    def _start(self, address: str) -> None:
        """Start it, unless another fork just did. What connects meanwhile waits in the socket's queue."""
        with open(f"{self._place}.lock", "wb") as lock, socket.socket(socket.AF_UNIX) as listener:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _answers(address):
                return
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._place)
            before = os.umask(0o177)
            try:
                listener.bind(address)
            finally:
                os.umask(before)
            listener.listen(128)
            with open(f"{self._place}.log", "ab") as log:
                process = subprocess.Popen(
                    [self._request.interpreter, _PROGRAM, str(listener.fileno())],
                    env=self._start_environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    pass_fds=[listener.fileno()],
                    start_new_session=True,
                )
            with t.cast("t.IO[bytes]", process.stdin) as settings:
                settings.write(json.dumps(self._settings).encode())

    def _last_words(self) -> str:
        with contextlib.suppress(OSError), open(self._place + ".log") as log:
            return f"the worker ended: {(log.read().strip() or 'without a word').splitlines()[-1]}"
        return "the worker does not answer"


class _Pipe:
    """What the module writes."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.content = bytearray()

    def close_writing(self) -> None:
        os.close(self.writing)

    def close(self) -> None:
        os.close(self.reading)


def _read_all(pipes: list[_Pipe]) -> None:
    """As subprocess does: until nobody can write any more."""
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe.reading, selectors.EVENT_READ, pipe)
        while selector.get_map():
            for key, _events in selector.select():
                chunk = os.read(key.fd, 1 << 16)
                key.data.content += chunk
                if not chunk:
                    selector.unregister(key.fd)


def _send(link: socket.socket, message: bytes, descriptors: list[int]) -> None:
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    link.sendmsg([struct.pack("!Q", len(message))], ancillary)
    link.sendall(message)


def _receive(link: socket.socket) -> dict[str, t.Any]:
    """One line of JSON; nothing if the other end is gone."""
    with contextlib.suppress(OSError, ValueError), link.makefile("rb") as lines:
        answer: dict[str, t.Any] = json.loads(lines.readline())
        return answer
    return {}


def _outcome(answer: dict[str, t.Any], output: bytes, errors: bytes) -> tuple[int, bytes, bytes]:
    """What a shell makes of the end of a process. The module ran: it is never run again."""
    if "status" not in answer:
        return 1, output, errors + b"The warm worker ended while the module ran.\n"
    code = os.waitstatus_to_exitcode(answer["status"])
    if code >= 0:
        return code, output, errors
    said = "" if -code in (signal.SIGINT, signal.SIGPIPE) else f"{signal.strsignal(-code)}\n"
    return 128 - code, output, errors + said.encode()


def _answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
        return True


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
