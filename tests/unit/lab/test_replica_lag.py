"""What a binary log says of how long a transaction was on its way."""

from __future__ import annotations

from pathlib import Path

from lab.services.rds.lag import Lag, delays_in

AT, LATER = 1_764_500_000_000_000, 1_764_500_000_004_500  # microseconds


def event(kind: int, body: bytes) -> bytes:
    return b"\0" * 4 + bytes([kind]) + b"\0" * 4 + (19 + len(body)).to_bytes(4, "little") + b"\0" * 6 + body


def transaction(here: int, there: int | None = None) -> bytes:
    """As a server writes it: the source's time only if it is another one."""
    if there is None:
        return event(33, b"\0" * 42 + here.to_bytes(7, "little") + b"rest")
    return event(33, b"\0" * 42 + (here | 1 << 55).to_bytes(7, "little") + there.to_bytes(7, "little") + b"rest")


def test_each_transaction_was_on_its_way_from_the_one_time_to_the_other(tmp_path: Path) -> None:
    log = tmp_path / "binlog.000001"
    whole = event(15, b"begin") + transaction(LATER, AT) + event(2, b"rows") + transaction(AT)
    log.write_bytes(b"\xfebin" + whole + transaction(LATER, AT)[:-1])
    assert delays_in(log, 4) == ([4500, 0], len(whole))


def test_what_was_read_is_not_read_again_and_a_new_file_is_begun_at_its_begin(tmp_path: Path) -> None:
    lag, log = Lag(tmp_path), tmp_path / "binlog.000001"

    def look() -> float | None:
        lag._due = 0
        return lag.milliseconds()

    assert look() == 0
    assert lag.milliseconds() is None, "too early"
    log.write_bytes(b"\xfebin" + transaction(LATER, AT))
    assert look() == 4.5
    assert look() == 0
    (tmp_path / "binlog.000002").write_bytes(b"\xfebin" + transaction(AT + 1000, AT))
    assert look() == 1
