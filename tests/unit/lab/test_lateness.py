"""Deadlines are counted on a clock that goes slower while the machine is late."""

from __future__ import annotations

import socket
import threading
from types import SimpleNamespace

import pytest

from lab.lateness import Lateness
from lab.services.elbv2.health_checks import Check, probe


def made(demand: float) -> tuple[Lateness, SimpleNamespace]:
    world = SimpleNamespace(now=50.0, demand=demand)
    return Lateness(lambda: world.demand, lambda: world.now), world


@pytest.mark.parametrize(("demand", "counted"), [(0.2, 60), (1.0, 60), (6.0, 10)])
def test_a_minute_counts_as_much_as_the_machine_gave(demand: float, counted: float) -> None:
    lateness, world = made(demand)
    for _ in range(400):  # until it has seen how late the machine is
        world.now += 0.25
        lateness.factor()
    begin = lateness.clock()
    for _ in range(240):
        world.now += 0.25
        lateness.clock()
    assert lateness.clock() - begin == pytest.approx(counted, rel=0.02)
    assert lateness.factor() == pytest.approx(max(1.0, demand), rel=0.02)


def test_the_clock_never_goes_back() -> None:
    lateness, world = made(1.0)
    seen = []
    for number in range(300):
        world.now += 0.1
        world.demand = 30.0 if number % 7 == 0 else 0.5
        seen.append(lateness.clock())
    assert seen == sorted(seen)


def test_a_target_that_had_no_time_to_answer_is_not_called_unhealthy() -> None:
    """The kernel takes the connection, and nobody answers: as a healthy target whose machine has no time for it."""
    check = Check("HTTP", "127.0.0.1", 0, "/", 5, 0.2, 2, 2, "200")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        check = Check(**{**vars(check), "port": silent.getsockname()[1]})
        at_rest, _ = made(1.0)
        at_rest._clock = __import__("time").monotonic
        at_rest._seen = at_rest._clock()
        assert probe(check, at_rest) == ("unhealthy", "Target.Timeout", "Request timed out")
        late = SimpleNamespace(clock=lambda: 0.01, factor=lambda: 1.0)  # its seconds hardly pass
        assert probe(check, late) is None  # type: ignore[arg-type]


def test_a_late_machine_gives_a_target_more_time() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                threading.Timer(0.5, lambda one=connection: (one.recv(4096), one.sendall(answer), one.close())).start()

        threading.Thread(target=serve, daemon=True).start()
        check = Check("HTTP", "127.0.0.1", server.getsockname()[1], "/", 5, 0.2, 2, 2, "200")
        times = iter([0.0, 0.2])
        at_rest = SimpleNamespace(clock=lambda: next(times), factor=lambda: 1.0)
        assert (probe(check, at_rest) or ("", ""))[1] == "Target.Timeout"  # type: ignore[arg-type]
        late = SimpleNamespace(clock=lambda: 0.0, factor=lambda: 20.0)
        assert (probe(check, late) or ("",))[0] == "healthy"  # type: ignore[arg-type]
