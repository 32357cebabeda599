"""Each role alone, on the same lab beside the site, each in a stack of its own."""

import pytest

from .conftest import BIN, TOP, run

SCENARIOS = sorted(path.parent.name for path in (TOP / "molecule").glob("*/molecule.yml"))


def test_there_is_a_scenario_for_each_role():
    assert {path.name for path in (TOP / "roles").iterdir()} <= set(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_molecule(lab, figures, scenario):
    done = run(
        BIN / "molecule",
        "test",
        "-s",
        scenario,
        PATH=f"{BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    )
    figures[f"seconds of molecule test -s {scenario}"] = round(done.seconds, 1)
    assert done.code == 0, done.why()
