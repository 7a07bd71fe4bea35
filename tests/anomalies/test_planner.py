"""From a request to the literal commands, for every anomaly that ships and whatever a cluster file may say."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distdiag_core.anomalies import catalogue
from distdiag_core.anomalies.injection import SEVERITIES, InjectionRequest, Severity
from distdiag_core.anomalies.planner import Survey, make_step, parse_survey, survey_command, values_of
from distdiag_core.cluster.inventory import NodeSettings, SqlSettings, SshSettings
from distdiag_core.errors import DataError, UnsupportedError
from tests.anomalies.catalogue_data import HARMLESS

SHIPPED = catalogue.load()
NAMES = tuple(anomaly.name for anomaly in SHIPPED.anomalies)
NODE = NodeSettings(
    name="n1",
    host="127.0.0.1",
    ssh=SshSettings(port=2222),
    sql=SqlSettings(),
    data_dir="/data/observer",
    device="vdb",
    interface="eth0",
    start_command="systemctl start observer",
)
# What `str.isprintable` is true of; most texts of any characters are not, and would be thrown away.
PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(SEVERITIES), st.tuples(PRINTABLE, PRINTABLE, PRINTABLE, PRINTABLE))
def test_nothing_that_a_cluster_file_says_becomes_shell(
    name: str, severity: Severity, said: tuple[str, str, str, str]
) -> None:
    directory, interface, device, start_command = said
    node = replace(NODE, data_dir=f"/{directory}", interface=interface, device=device, start_command=start_command)
    survey = survey_command(_anomaly(name).methods, _values(name, severity, node))
    assert _syntax_error(survey) == ""
    for method in _anomaly(name).methods:
        step = make_step(_anomaly(name), "n1", Survey({method.name: ""}), _values(name, severity, node))
        assert step.method == method.name
        assert _syntax_error("\n".join((*step.commands, *step.check, *step.undo, *step.gone))) == ""


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([name for name in NAMES if name.startswith(("network_", "node_"))]),
    st.sampled_from(
        ["; touch {}", "$(touch {})", "`touch {}`", "' ; touch {} ; '", '" ; touch {} ; "', "|touch {}", "&touch {}&"]
    ),
)
def test_no_command_in_a_name_is_ever_run(name: str, shape: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        evil = shape.format(f"{directory}/made")
        node = replace(NODE, data_dir=evil, interface=evil, device=evil, start_command=evil)
        values = _values(name, "low", node)
        step_commands = [survey_command(_anomaly(name).methods, values)]
        for method in _anomaly(name).methods:
            step = make_step(_anomaly(name), "n1", Survey({method.name: ""}), values)
            step_commands += [*step.commands, *step.check, *step.undo, *step.gone]
        for command in step_commands:
            _run_without_programs(command, directory)
        assert list(Path(directory).iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_severities_differ_in_what_is_done(name: str) -> None:
    method = _anomaly(name).methods[0].name
    steps = [make_step(_anomaly(name), "n1", Survey({method: ""}), _values(name, each, NODE)) for each in SEVERITIES]
    # Where there is nothing to set, there is nothing to grade either.
    assert len({step.commands for step in steps}) == (len(SEVERITIES) if _anomaly(name).parameters else 1)


def test_the_first_possible_way_is_taken() -> None:
    survey = Survey({"netem": "the kernel has no netem", "nfqueue": ""})
    step = make_step(_anomaly("network_delay"), "n1", survey, _values("network_delay", "medium", NODE))
    assert step.method == "nfqueue"
    assert [method for method, why in step.unavailable_methods if why] == ["netem"]
    assert step.lasts
    assert step.files == ("packet_delay.py",)
    assert "! --sport 2222" in step.commands[0]
    assert step.commands[-1].startswith("exec python3")


def test_the_port_by_which_the_node_was_reached_is_spared() -> None:
    survey = Survey({"nfqueue": ""}, ssh_port=22022)
    step = make_step(_anomaly("network_delay"), "n1", survey, _values("network_delay", "low", NODE))
    assert "! --sport 22022" in step.commands[0]
    assert "! --sport 22022" in step.undo[0]


def test_without_a_way_every_reason_is_given() -> None:
    survey = Survey({"netem": "the kernel has no netem", "nfqueue": "python3 is not installed"})
    with pytest.raises(UnsupportedError) as caught:
        make_step(_anomaly("network_delay"), "n1", survey, _values("network_delay", "medium", NODE))
    assert "netem: the kernel has no netem; nfqueue: python3 is not installed" in str(caught.value)


def test_the_survey_asks_a_real_shell() -> None:
    anomaly = _harmless("sleep")
    output = subprocess.run(
        ["sh", "-c", survey_command(anomaly.methods, _values("sleep", "low", NODE))],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "SSH_CONNECTION": "a 1 b 2200"},
    ).stdout
    survey = parse_survey(output, "n1")
    assert survey == Survey({"impossible": "distdiag-no-such-program is not installed", "sleepers": ""}, ssh_port=2200)


@pytest.mark.parametrize("data_dir", [None, "/data\n/x"])
def test_a_way_lacks_what_the_cluster_file_does_not_say(data_dir: str | None) -> None:
    values = _values("io_stress", "low", replace(NODE, data_dir=data_dir))
    command = survey_command(_anomaly("io_stress").methods, values)
    lacking = parse_survey(_printed(command), "n1").lacking
    assert all("data_dir" in reason for reason in lacking.values())
    assert len(lacking) == len(_anomaly("io_stress").methods)


@pytest.mark.skipif(shutil.which("fio") is None, reason="fio is not installed")
def test_a_missing_directory_is_found_before_anything_is_done() -> None:
    values = _values("io_stress", "low", replace(NODE, data_dir="/no/such/directory"))
    lacking = parse_survey(_printed(survey_command(_anomaly("io_stress").methods, values)), "n1").lacking
    assert "is not there" in lacking["fio"]


@given(st.text(max_size=100))
def test_a_damaged_answer_is_a_data_error(output: str) -> None:
    try:
        survey = parse_survey(output, "n1")
    except DataError as error:
        assert "n1" in str(error)  # noqa: PT017 - many texts are answers
    else:
        assert survey.ssh_port is None or survey.ssh_port >= 0


def _syntax_error(command: str) -> str:
    return subprocess.run(["sh", "-n"], input=command, capture_output=True, check=False, encoding="utf-8").stderr


def _run_without_programs(command: str, directory: str) -> None:
    """Run it where the only program is touch; the words that the shell sees are what counts."""
    touch = f'touch() {{ /usr/bin/touch "$@"; }}\ncd {directory}\n'
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            ["/bin/sh"], input=touch + command, capture_output=True, check=False, encoding="utf-8", timeout=5,
            env={"PATH": "/nowhere", "LEASE": "/nowhere"},
        )  # fmt: skip


def _printed(command: str) -> str:
    return subprocess.run(["sh", "-c", command], capture_output=True, check=True, encoding="utf-8").stdout


def _anomaly(name: str) -> catalogue.Anomaly:
    anomaly = SHIPPED.get(name)
    assert anomaly is not None
    return anomaly


def _harmless(name: str) -> catalogue.Anomaly:
    anomaly = HARMLESS.get(name)
    assert anomaly is not None
    return anomaly


def _values(name: str, severity: Severity, node: NodeSettings) -> dict[str, str | int | float]:
    anomaly = SHIPPED.get(name) or _harmless(name)
    return values_of(InjectionRequest(name, ("n1",), severity, 60), anomaly, node, "1abcdefgh")
