"""Work that AWS does after it has answered: a few threads, with delays, and messages to queues and topics by ARN."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import backends

_log = logging.getLogger("lab.delivery")
_state = threading.Condition()
_pending = 0
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="delivery")


def later(work: Callable[[], None], delay: float = 0) -> None:
    """Do this in another thread, after so many seconds."""
    global _pending
    with _state:
        _pending += 1
    if delay:
        timer = threading.Timer(delay, lambda: _pool.submit(_do, work))
        timer.daemon = True
        timer.start()
    else:
        _pool.submit(_do, work)


def _do(work: Callable[[], None]) -> None:
    global _pending
    try:
        work()
    except Exception:
        _log.exception("a delivery failed")
    finally:
        with _state:
            _pending -= 1
            _state.notify_all()


def wait_until_idle(deadline: float = 60) -> bool:
    """Whether all that was to be done later has been done; the first function may have to unpack boto3 before."""
    end = time.monotonic() + deadline
    with _state:
        return _state.wait_for(lambda: _pending == 0, max(0, end - time.monotonic()))


def send(arn: str, body: str, attributes: dict[str, str] | None = None) -> None:
    """Put a message into the queue, or publish it to the topic, with this ARN. Raises if there is none."""
    _, _, service, region, _, name = arn.split(":", 5)
    values = attributes or {}
    if service == "sqs":
        wanted: dict[str, Any] = {key: {"DataType": "String", "StringValue": text} for key, text in values.items()}
        backends.backend("sqs", region).send_message(name, body, message_attributes=wanted)
    elif service == "sns":
        typed = {key: {"Type": "String", "Value": text} for key, text in values.items()}
        backends.backend("sns", region).publish(arn=arn, message=body, message_attributes=typed)
    else:
        raise ValueError(f"{arn} is neither a queue nor a topic")
