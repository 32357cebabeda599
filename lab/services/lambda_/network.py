"""Where functions stand: a network namespace of the lab's own, with a way to the lab's internet and nothing else."""

from __future__ import annotations

from ... import config, netns, outside

NAMESPACE = f"{config.PREFIX}lambda"
DEVICE = "t3lambda"  # its end on the bridge
_wanted = False  # without machines, for unit tests, functions run where their user's other programs do


def install(machines: bool) -> None:
    global _wanted
    _wanted = machines


def prefix() -> list[str]:
    """The start of the command line of what is to run in the namespace, which is made with the first function."""
    if not _wanted:
        return []
    outside.ensure(NAMESPACE, DEVICE, config.LAMBDA_ADDRESS)
    return ["nsenter", f"--net={netns.path(NAMESPACE)}", "--"]


def close() -> None:
    """Only what this process has made."""
    if _wanted:
        netns.delete(NAMESPACE)
