"""Each role alone: the scenarios look at the site that stands. Teardown has a stack of its own, for it removes it."""

import pytest

from .conftest import BIN, STACK, TOP, run

SCENARIOS = sorted(path.parent.name for path in (TOP / "molecule").glob("*/molecule.yml"))
OF_ITS_OWN = ("teardown",)


def test_there_is_a_scenario_for_each_role():
    assert {path.name for path in (TOP / "roles").iterdir()} <= set(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_molecule(site, figures, scenario, tmp_path):
    shared = scenario not in OF_ITS_OWN
    if shared:
        (tmp_path / "state.yml").write_text("created: true\n")  # molecule's own notes: what it would build stands
    done = run(
        *(BIN / "molecule", "test", "-s", scenario),
        *(("--destroy", "never") if shared else ()),
        PATH=f"{BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        MOLECULE_EPHEMERAL_DIRECTORY=str(tmp_path),  # what a scenario notes of its stack ends with the test
        **({"THREETIER_MOLECULE_STACK": STACK} if shared else {}),
    )
    figures[f"seconds of molecule test -s {scenario}"] = round(done.seconds, 1)
    assert done.code == 0, done.why()
