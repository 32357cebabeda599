"""The lease of a stack: who gets it, who is told what, and what a writer that comes too late does not spoil."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.threetier.aws.plugins.module_utils._lease import entries, keeper, process
from ansible_collections.threetier.aws.plugins.module_utils._lease.parameter import Parameter

ANA = entries.Run("ana@laptop", "site.yml", "laptop", 11, "1")
BOB = entries.Run("bob@desk", "patch.yml", "desk", 22, "2")
EVE = entries.Run("eve@ci", "scale.yml", "ci", 33, "3")
NAME = "/threetier/alpha/lease"
NOON = datetime.datetime(2026, 11, 29, 12, 3, 11, tzinfo=datetime.UTC)


@pytest.fixture
def parameter(client: Callable[[str], Any]) -> Parameter:
    return Parameter(client("ssm"), "alpha", "us-east-1", {"Stack": "alpha", "ManagedBy": "threetier.aws"})


def alive(_pid: int, _started: str) -> bool:
    return True


def dead(_pid: int, _started: str) -> bool:
    return False


def take(parameter: Parameter, run: entries.Run, *, breaks: str = "", timeout: int = 0, is_alive=alive) -> bool:
    """Whether it was taken now; False if the run had it before."""
    _since, fresh = parameter.acquire(run, breaks, timeout, is_alive)
    assert parameter.look().entry.run == run
    return fresh


def entry(version: int, over: int, run: entries.Run | None, modified: datetime.datetime = NOON) -> entries.Entry:
    return entries.Entry(version, over, run, NOON.isoformat(), modified)


class TestWhatCounts:
    def test_what_was_written_over_the_version_before(self):
        assert entry(1, 0, ANA).counts
        assert entry(7, 6, ANA).counts

    def test_not_what_came_too_late(self):
        versions = {1: entry(1, 0, ANA), 2: entry(2, 1, BOB), 3: entry(3, 1, EVE), 4: entry(4, 1, EVE)}
        assert entries.newest_that_counts(versions[4], versions.get) is versions[2]

    def test_not_what_somebody_wrote_by_hand(self):
        found = entries.read(1, "mine now", NOON)
        assert not found.counts
        assert entries.newest_that_counts(found, lambda _version: None) is None

    def test_what_is_written_reads_the_same(self):
        assert entries.read(5, entries.written(4, ANA, NOON.isoformat()), NOON) == entry(5, 4, ANA)
        assert entries.read(5, entries.written(4, None, ""), NOON).run is None


class TestWhoHoldsIt:
    def test_nobody_where_there_is_none_or_it_was_given_back(self):
        assert not entries.is_held(None, NOON, BOB, alive)
        assert not entries.is_held(entry(2, 1, None), NOON, BOB, alive)

    @pytest.mark.parametrize("seconds, held", [(0, True), (180, True), (181, False)])
    def test_a_run_elsewhere_for_three_minutes_after_it_was_renewed(self, seconds: int, held: bool):
        later = NOON + datetime.timedelta(seconds=seconds)
        assert entries.is_held(entry(1, 0, ANA), later, BOB, dead) is held

    @pytest.mark.parametrize("is_alive, held", [(alive, True), (dead, False)])
    def test_a_run_of_this_machine_as_long_as_it_lives(self, is_alive: Callable[[int, str], bool], held: bool):
        later = NOON + datetime.timedelta(hours=1)
        assert entries.is_held(entry(1, 0, ANA), later, entries.Run("ana", "x", "laptop", 99, "9"), is_alive) is held


class TestWhatIsSaid:
    def test_who_since_when_and_what_to_do(self):
        assert entries.refusal("alpha", "us-east-1", entry(1, 0, ANA), NOON) == (
            "alpha in us-east-1 is being changed by ana@laptop (site.yml) since 12:03:11 UTC. "
            "Wait for it, or if that run is gone: -e threetier_break_lease=ana@laptop"
        )

    def test_the_date_of_another_day(self):
        said = entries.refusal("alpha", "us-east-1", entry(1, 0, ANA), NOON + datetime.timedelta(days=1))
        assert "since 2026-11-29 12:03:11 UTC." in said

    def test_a_name_needs_no_quotes(self):
        assert entries.holder_name("Release pipeline 'x' $1", "runner 7") == "Release-pipeline-x-1@runner-7"


class TestTaking:
    def test_the_first_gets_it_and_the_second_is_told(self, parameter: Parameter, client: Callable[[str], Any]):
        assert take(parameter, ANA)
        with pytest.raises(AnsibleAWSError, match=r"alpha in us-east-1 is being changed by ana@laptop \(site.yml\)"):
            take(parameter, BOB)
        tags = client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=NAME)["TagList"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == {"Stack": "alpha", "ManagedBy": "threetier.aws"}

    def test_who_has_it_asks_again_and_writes_nothing(self, parameter: Parameter, writes: list[str]):
        take(parameter, ANA)
        before = len(writes)
        assert not take(parameter, ANA)
        assert len(writes) == before

    def test_what_was_given_back_is_free(self, parameter: Parameter):
        take(parameter, ANA)
        parameter.give_back(ANA)
        assert take(parameter, BOB)

    def test_a_run_of_this_machine_that_is_gone_holds_nothing(self, parameter: Parameter):
        take(parameter, ANA)
        assert take(parameter, entries.Run("ana@laptop", "network.yml", "laptop", 12, "5"), is_alive=dead)

    def test_what_was_not_renewed_for_three_minutes_is_free(self, parameter: Parameter, monkeypatch):
        take(parameter, ANA)
        monkeypatch.setattr(entries, "LIFETIME", -1)
        assert take(parameter, BOB)

    def test_waits_as_long_as_it_may(self, parameter: Parameter, monkeypatch: pytest.MonkeyPatch):
        take(parameter, ANA)
        monkeypatch.setattr(f"{Parameter.__module__}.time.sleep", lambda _seconds: parameter.give_back(ANA))
        assert take(parameter, BOB, timeout=60)

    def test_of_many_at_once_one_gets_it(self, parameter: Parameter):
        """Fresh, given back and expired, again and again: the API answers in threads."""
        runs = [entries.Run(f"run-{number}@x", "site.yml", f"m{number}", number, "1") for number in range(8)]
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            for _round in range(10):
                barrier = threading.Barrier(len(runs))

                def attempt(run: entries.Run, barrier: threading.Barrier = barrier) -> bool:
                    barrier.wait()
                    try:
                        return take(parameter, run)
                    except AnsibleAWSError:
                        return False

                with ThreadPoolExecutor(len(runs)) as pool:
                    taken = list(pool.map(attempt, runs))
                assert taken.count(True) == 1
                parameter.give_back(runs[taken.index(True)])
        finally:
            sys.setswitchinterval(before)


class TestBreaking:
    def test_by_name(self, parameter: Parameter):
        take(parameter, ANA)
        assert take(parameter, BOB, breaks="ana@laptop")

    def test_not_by_another_name(self, parameter: Parameter):
        take(parameter, ANA)
        with pytest.raises(AnsibleAWSError, match=r"^The lease is not anna@laptop's: alpha in .* by ana@laptop"):
            take(parameter, BOB, breaks="anna@laptop", timeout=60)

    def test_a_name_that_holds_nothing_changes_nothing(self, parameter: Parameter):
        assert take(parameter, BOB, breaks="ana@laptop")

    def test_of_two_who_break_it_the_faster_one_has_it(self, parameter: Parameter, monkeypatch: pytest.MonkeyPatch):
        """Even where both, and the one that is broken, have the same name."""
        first, second = (entries.Run("ana@laptop", "site.yml", f"laptop-{n}", n, "1") for n in (1, 2))
        take(parameter, ANA)
        write = Parameter.write

        def overtaken(self: Parameter, *arguments: Any) -> int:
            monkeypatch.setattr(Parameter, "write", write)
            take(Parameter(self._client, "alpha", "us-east-1", {}), second, breaks="ana@laptop")
            return write(self, *arguments)

        monkeypatch.setattr(Parameter, "write", overtaken)
        with pytest.raises(AnsibleAWSError, match="is being changed by ana@laptop"):
            take(parameter, first, breaks="ana@laptop")
        assert parameter.look().entry.run == second
        assert parameter.renew(second).run == second

    def test_a_renewal_that_comes_in_between_is_no_other_holder(
        self, parameter: Parameter, monkeypatch: pytest.MonkeyPatch
    ):
        take(parameter, ANA)
        write = Parameter.write

        def overtaken(self: Parameter, *arguments: Any) -> int:
            monkeypatch.setattr(Parameter, "write", write)
            parameter.renew(ANA)
            return write(self, *arguments)

        monkeypatch.setattr(Parameter, "write", overtaken)
        assert take(parameter, BOB, breaks="ana@laptop")


class TestKeeping:
    @pytest.fixture
    def watched(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        class Watched:
            said = ""
            renewals = 3

            def ends_within(self, _seconds: float) -> bool:
                self.renewals -= 1
                return self.renewals < 0

            def interrupt(self, why: str) -> None:
                self.said = why

        return Watched()

    def test_renews_it_and_gives_it_back_when_the_run_ends(self, parameter: Parameter, watched: Any, writes: list[str]):
        take(parameter, ANA)
        since = parameter.look().entry.since
        keeper.keep(parameter, ANA, watched)
        assert len(writes) == 1 + 3 + 1
        assert parameter.look().entry.run is None
        assert parameter.look().entry.since == since

    def test_goes_on_when_aws_does_not_answer(self, parameter: Parameter, watched: Any, monkeypatch):
        take(parameter, ANA)
        renew, failures = Parameter.renew, iter([AnsibleAWSError(message="no")])

        def sometimes(self: Parameter, run: entries.Run) -> Any:
            for failure in failures:
                raise failure
            return renew(self, run)

        monkeypatch.setattr(Parameter, "renew", sometimes)
        keeper.keep(parameter, ANA, watched)
        assert parameter.look().entry.run is None

    def test_interrupts_a_run_whose_lease_was_broken_and_leaves_the_lease(self, parameter: Parameter, watched: Any):
        take(parameter, ANA)
        take(parameter, BOB, breaks="ana@laptop")
        keeper.keep(parameter, ANA, watched)
        assert watched.said.startswith("The lease of this run was broken by bob@desk (patch.yml). It ends here")
        assert parameter.look().entry.run == BOB

    def test_interrupts_it_though_who_has_broken_it_has_given_it_back(self, parameter: Parameter, watched: Any):
        take(parameter, ANA)
        take(parameter, BOB, breaks="ana@laptop")
        parameter.give_back(BOB)
        keeper.keep(parameter, ANA, watched)
        assert watched.said.startswith("The lease of this run was broken. It ends here")

    def test_makes_nothing_anew_after_a_teardown(self, parameter: Parameter, watched: Any):
        take(parameter, ANA)
        parameter.remove(ANA)
        keeper.keep(parameter, ANA, watched)
        assert parameter.look().version == 0
        assert not watched.said

    def test_only_the_holder_removes_it(self, parameter: Parameter):
        take(parameter, ANA)
        with pytest.raises(AnsibleAWSError, match="is being changed by ana@laptop"):
            parameter.remove(BOB)
        parameter.remove(ANA)
        parameter.remove(ANA)


class TestProcesses:
    def test_this_one_is_alive_and_one_that_started_at_another_time_is_not(self):
        assert process.is_alive(os.getpid(), process.started(os.getpid()))
        assert not process.is_alive(os.getpid(), "1")

    def test_one_that_has_ended(self):
        with subprocess.Popen(["true"]) as ended:
            pass
        assert not process.is_alive(ended.pid, "1")

    def test_another_users_counts(self, monkeypatch: pytest.MonkeyPatch):
        def refuse(*_arguments: Any) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "kill", refuse)
        monkeypatch.setattr(process, "started", lambda _pid: "")
        assert process.is_alive(1, "5")

    @pytest.mark.parametrize("pidfd", [True, False])
    @pytest.mark.parametrize(
        ("interrupt", "ended_by"), [(signal.SIG_DFL, signal.SIGINT), (signal.SIG_IGN, signal.SIGTERM)]
    )
    def test_its_end_is_seen_at_once_and_the_reason_said(
        self, pidfd: bool, interrupt: signal.Handlers, ended_by: signal.Signals, monkeypatch: pytest.MonkeyPatch
    ):
        """One that a shell has started in its background ignores SIGINT; it is ended nevertheless."""
        if not pidfd:
            monkeypatch.delattr(os, "pidfd_open")
        before = signal.signal(signal.SIGINT, interrupt)  # the child takes it over
        try:
            child = subprocess.Popen(["sleep", "60"], stderr=subprocess.PIPE, text=True)
        finally:
            signal.signal(signal.SIGINT, before)
        with child:
            watched = process.Watched(child.pid)
            assert not watched.ends_within(0)
            watched.interrupt("because")
            said = child.stderr.read()
            assert child.wait(10) == -ended_by
            assert watched.ends_within(10)
        assert said == "\nERROR: because\n"


class TestModule:
    RUN = {"where": "laptop", "playbook": "site.yml", "machine": "m", "pid": 11, "started": "1"}

    @pytest.fixture(autouse=True)
    def kept(self, monkeypatch: pytest.MonkeyPatch) -> list[entries.Run]:
        """The runs for which a keeper was started."""
        started: list[entries.Run] = []
        monkeypatch.setattr(keeper, "start", lambda _connect, run: started.append(run))
        return started

    def test_takes_it_once_and_reports_no_change(self, run_module: Any, kept: list[entries.Run]):
        for _time in range(2):
            said = run_module("stack_lease", stack="alpha", who="ana", run=self.RUN)
            assert (said["changed"], said["holder"]) == (False, "ana@laptop")
        assert [run.holder for run in kept] == ["ana@laptop"]

    def test_a_check_asks_for_nothing(self, run_module: Any, writes: list[str], kept: list[entries.Run]):
        said = run_module("stack_lease", check=True, stack="alpha", who="ana", run=self.RUN)
        assert said["changed"] is False
        assert not writes
        assert not kept

    def test_removes_it(self, run_module: Any, parameter: Parameter):
        run_module("stack_lease", stack="alpha", who="ana", run=self.RUN)
        assert run_module("stack_lease", stack="alpha", who="ana", state="absent", run=self.RUN)["changed"] is False
        assert parameter.look().version == 0

    def test_each_region_has_its_own(self, run_module: Any, parameter: Parameter):
        take(parameter, BOB)
        said = run_module("stack_lease", stack="alpha", who="ana", run=self.RUN, region="eu-west-1")
        assert said["holder"] == "ana@laptop"
        assert parameter.look().entry.run == BOB
