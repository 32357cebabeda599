"""The lab's commands: `python -m lab` in a checkout, `threetier-lab` where its wheel is installed."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import config, durations, host
from .durations import TABLE
from .machine import GUEST_ENVIRONMENT

_PROGRAM = "threetier-lab"
_IMPORTED_FROM = Path(__file__).resolve().parents[1]  # a checkout, or where packages are installed
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy knows the way to this machine's lab
_INTERRUPTED = 130  # as a shell says it of a command that ^C has ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. What the user can mend is said in one sentence on standard error."""
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"  # of nft, which is not for users
    parser = argparse.ArgumentParser(prog=_program(), description="A region of AWS on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for function, words in (
        (up, "start the region and wait until it answers"),
        (down, "take it down; nothing of it stays on this machine but the cached images"),
        (status, "show each AWS resource and what is behind it"),
        (mail, "print the lab's mails, decoded, the newest last"),
        (confirm, "follow the links by which mails ask to confirm a subscription"),
        (images, "build the guest images, if they are not in the cache"),
        (serve, "run the region in the foreground"),
        (api, "serve the API alone, without machines"),
        (shell, "run a command or a shell inside an instance"),
    ):
        command = commands.add_parser(function.__name__, help=words, description=words)
        command.set_defaults(function=function)
        if function in (up, serve, api):
            command.add_argument(
                "--durations",
                type=Path,
                nargs="?",
                const=TABLE,
                metavar="FILE",
                help=f"take as long to make things as AWS does, by this table or else by {TABLE}; default: no time",
            )
            command.add_argument("--speed", type=float, default=config.SPEED, help="how much faster time passes here")
        if function is api:
            command.add_argument("--host", default="127.0.0.1")
            command.add_argument("--port", type=int, default=config.API_PORT)
            command.add_argument(
                "--latency",
                type=duration,
                default=0.0,
                metavar="80ms",
                help="how much longer each call takes, as AWS is some way off; default: no longer",
            )
        if function is status:
            command.add_argument("--json", action="store_true", help="as JSON")
        if function is shell:
            command.add_argument("resource", help="such as i-0123456789abcdef0")
            command.add_argument("command", nargs=argparse.REMAINDER)
    try:
        try:
            arguments = parser.parse_args(argv)
            return int(arguments.function(arguments) or 0)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # who reads the output has seen enough, as `grep -q` and `head` do
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (host.HostError, RuntimeError, ValueError, OSError) as error:
        print(f"{_program()}: {error}", file=sys.stderr)
        return 1


def up(arguments: argparse.Namespace) -> None:
    host.check()
    if host.running():
        _wait_until_up(None)
        print(f"The lab is up: {config.ENDPOINT}")
        return
    if leftovers := host.sweep():
        print(f"An earlier lab was cut off; cleared away {len(leftovers)} things it had left.")
    images(arguments)
    config.LOG.parent.mkdir(parents=True, exist_ok=True)
    with config.LOG.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", __package__, "serve", *_pace(arguments)],
            cwd=_IMPORTED_FROM,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait_until_up(process)
    print(f"The lab is up: {config.ENDPOINT}\n  log      {config.LOG}\n  mailbox  {config.MAILBOX}")


def down(_arguments: argparse.Namespace) -> None:
    if os.geteuid() != 0:
        raise host.HostError("Only root can take the lab down.")
    if pid := host.running():
        with contextlib.suppress(ProcessLookupError):
            _end(pid)
    host.sweep()
    print("The lab is down.")


def _end(pid: int) -> None:
    """End the lab's process and wait for it itself: its lock goes before it does."""
    process = os.pidfd_open(pid)
    try:
        for number, deadline in ((signal.SIGTERM, 90), (signal.SIGKILL, 10)):
            signal.pidfd_send_signal(process, number)
            if select.select([process], [], [], deadline)[0]:
                return
    finally:
        os.close(process)


def status(arguments: argparse.Namespace) -> int:
    if not host.running():
        print(f"The lab is down. `{_program()} up` starts it.")
        return 3
    rows = _rows()
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return 0
    columns = ("kind", "resource", "state", "behind")
    lines = [dict(zip(columns, map(str.upper, columns), strict=True)), *rows]
    widths = {column: max(len(str(line[column])) for line in lines) for column in columns}
    for line in lines:
        print("  ".join(str(line[column]).ljust(widths[column]) for column in columns).rstrip())
    if machine := next((row["resource"] for row in rows if row.get("pid")), None):
        print(f"\nA shell inside a machine: {_program()} shell {machine}")
    return 0


def mail(_arguments: argparse.Namespace) -> None:
    from . import mailbox

    print(f"\n{'-' * 80}\n\n".join(str(one) for one in mailbox.read()) or "There is no mail.")


def confirm(_arguments: argparse.Namespace) -> None:
    from . import mailbox

    links = [link for one in mailbox.read() for link in one.links if "Action=ConfirmSubscription" in link]
    for link in dict.fromkeys(links):
        try:
            with _DIRECT.open(link, timeout=10) as answer:
                print(f"Confirmed: {re.sub('<[^>]*>', ' ', answer.read().decode()).split()[-1]}")
        except urllib.error.HTTPError as error:  # such as for a topic that is gone
            print(f"Refused ({error}): {link}")
    if not links:
        print("No mail asks to confirm a subscription.")


def images(_arguments: argparse.Namespace) -> None:
    from . import images as recipes

    all_images = (recipes.base(), recipes.database())
    wanted = [image for image in all_images if not image.path.is_dir()]
    if not wanted:
        return
    begin = time.monotonic()
    print(
        f"Building the guest images {' and '.join(image.name for image in wanted)}, once; about a minute …", flush=True
    )
    with ThreadPoolExecutor() as pool:
        for future in [pool.submit(image.build) for image in wanted]:
            print(f"  {future.result().name} after {time.monotonic() - begin:.0f} s", flush=True)
    recipes.prune(*all_images, recipes.edge(), recipes.firewall())


def serve(arguments: argparse.Namespace) -> None:
    _forget_the_shells_account()
    from . import service

    host.check()
    _rehearse(arguments)
    service.run()


def api(arguments: argparse.Namespace) -> None:
    _forget_the_shells_account()
    from . import services
    from .services.ec2.images import publish_base_images

    _rehearse(arguments)
    state = tempfile.TemporaryDirectory(prefix="threetier-lab-")
    config.keep_apart(Path(state.name))
    services.install(machines=False, endpoint=f"http://{arguments.host}:{arguments.port}")
    publish_base_images()
    from .server import build_app
    from .server import serve as serve_app

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    app = build_app(on_change=lambda: None, latency=arguments.latency)
    server = serve_app(app, (arguments.host, arguments.port))
    print(f"http://{arguments.host}:{server.ports[0]}", flush=True)
    while not stopped.wait(0.5):  # a signal that another thread is given does not wake this one
        pass
    server.stop()
    state.cleanup()
    gc.freeze()  # Python would look through all that moto holds before it ends: half a second of processor time


def shell(arguments: argparse.Namespace) -> None:
    if not host.running():
        raise host.HostError(f"The lab is down. `{_program()} up` starts it.")
    pid = next((row.get("pid") for row in _rows() if row["resource"] == arguments.resource), None)
    if not pid:
        raise host.HostError(
            f"{arguments.resource} has no running machine. `{_program()} status` lists those that have."
        )
    environment = {**GUEST_ENVIRONMENT, "TERM": os.environ.get("TERM", "dumb"), "HOME": "/root"}
    os.execvpe("nsenter", ["nsenter", "--all", f"--target={pid}", *(arguments.command or ["bash", "-l"])], environment)


def duration(words: str) -> float:
    """Seconds, of a number with its unit."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", words)
    if not match:
        raise argparse.ArgumentTypeError(
            f"{words!r} is no duration. Take milliseconds or seconds, such as 80ms or 0.5s."
        )
    return float(match[1]) / (1000 if match[2] == "ms" else 1)


def _program() -> str:
    """How the user calls this program."""
    name = Path(sys.argv[0]).name
    return name if name == _PROGRAM else f"python -m {__package__}"


def _forget_the_shells_account() -> None:
    """What the shell says of AWS is meant for AWS. botocore under moto would look for its profile, and fail."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]


def _rehearse(arguments: argparse.Namespace) -> None:
    config.SPEED = arguments.speed
    if arguments.durations:
        durations.rehearse(durations.load(arguments.durations, arguments.speed))


def _pace(arguments: argparse.Namespace) -> list[str]:
    if arguments.durations:
        durations.load(arguments.durations, arguments.speed)  # refused here, where the user sees it
    table = [f"--durations={arguments.durations.resolve()}"] if arguments.durations else []
    return [*table, f"--speed={arguments.speed}"]


def _rows() -> list[dict[str, Any]]:
    with _DIRECT.open(f"{config.ENDPOINT}/lab/status", timeout=10) as answer:
        return list(json.load(answer))


def _wait_until_up(process: subprocess.Popen[bytes] | None, deadline: float = 60) -> None:
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        try:
            _rows()
            return
        except OSError:
            if process and process.poll() is not None:
                break
            time.sleep(0.1)
    tail = "".join(config.LOG.read_text(errors="replace").splitlines(keepends=True)[-15:])
    raise host.HostError(f"The lab did not come up. The end of {config.LOG}:\n{tail}")
