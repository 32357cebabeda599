#!/usr/bin/python
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module that behaves in one of the ways that modules do, or says what it sees of the process it runs in."""

from __future__ import annotations

import locale
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

VARIABLES = ("GREETING", "EMPTY", "QUOTED", "AWS_REGION", "TZ")


def surroundings(module: AnsibleModule) -> dict:
    return {
        "environment": {name: os.environ.get(name) for name in VARIABLES},
        "cwd": os.getcwd(),
        "umask": os.umask(0o022),
        "argv": sys.argv,
        "stdin": sys.stdin.read(),
        "user": os.getuid(),
        "encodings": [sys.stdout.encoding, sys.getfilesystemencoding(), locale.getpreferredencoding()],
        "zone": time.strftime("%H %Z", time.gmtime(0)) + time.strftime("%H", time.localtime(0)),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1],
        "ignored": sorted(s.name for s in signal.valid_signals() if signal.getsignal(s) == signal.SIG_IGN),
        "controller": sorted(name for name in sys.modules if name.startswith(("ansible.plugins", "ansible._internal"))),
        "interpreter": [sys.executable, sys.flags.utf8_mode, sys.dont_write_bytecode],
        "tmpdir": os.path.isdir(module.tmpdir),
        "main": [sys.modules["__main__"].__name__, __name__, __package__],
    }


def in_argv(secret: str) -> bool:
    """Whether anybody could read it in a list of processes."""
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if secret.encode() in command.read_bytes():
                return True
        except OSError:
            continue
    return False


def look(module: AnsibleModule) -> None:
    module.exit_json(changed=not module.check_mode, **surroundings(module))


def tell(module: AnsibleModule) -> None:
    secret = module.params["secret"]
    module.exit_json(said=f"it is {secret}!", in_argv=in_argv(secret), diff={"before": "", "after": secret})


def fill(module: AnsibleModule) -> None:
    module.exit_json(much="ä" * module.params["size"])


def chatter(module: AnsibleModule) -> None:
    print("Before the result")
    print("To stderr", file=sys.stderr)
    module.exit_json(said="ünïcödé")


def warn(module: AnsibleModule) -> None:
    module.warn("mind the gap")
    module.deprecate("so last year", version="9.0.0", collection_name="community.aws")
    module.exit_json()


def background(module: AnsibleModule) -> None:
    with subprocess.Popen(["sleep", "1"], stdin=subprocess.DEVNULL):
        module.exit_json(said="before it ended")


def fail(module: AnsibleModule) -> None:
    try:
        raise OSError(2, "no such thing")
    except OSError as error:
        module.fail_json("could not", exception=error, rc=7)


def raise_error(module: AnsibleModule) -> None:
    raise ValueError("that was not expected")


def print_and_vanish(module: AnsibleModule) -> None:
    os.write(1, b'{"changed": true, "said": "last"}')
    os._exit(0)


BEHAVIOURS: dict[str, Callable[[AnsibleModule], object]] = {
    "look": look,
    "tell": tell,
    "fill": fill,
    "chatter": chatter,
    "warn": warn,
    "background": background,
    "fail": fail,
    "raise": raise_error,
    "return": lambda _module: None,
    "exit": lambda _module: sys.exit("a sentence"),
    "vanish": lambda _module: os._exit(3),
    "print and vanish": print_and_vanish,
}


def main() -> None:
    module = AnsibleModule(
        {
            "do": {"type": "str", "required": True},
            "secret": {"type": "str", "no_log": True},
            "size": {"type": "int", "default": 1},
            "seconds": {"type": "float", "default": 0},
            "note": {"type": "path"},
            "old": {"type": "str", "removed_in_version": "9.0.0", "removed_from_collection": "community.aws"},
        },
        supports_check_mode=True,
    )
    do, began = module.params["do"], time.monotonic()
    if note := module.params["note"]:
        Path(note).write_text(f"{os.getpid()} {os.getppid()}")
    time.sleep(module.params["seconds"])
    if do == "meet":
        module.exit_json(worker=os.getppid(), began=began, ended=time.monotonic())
    elif do in BEHAVIOURS:
        BEHAVIOURS[do](module)
    else:  # the name of a signal
        os.kill(os.getpid(), getattr(signal, do))


if __name__ == "__main__":
    main()
