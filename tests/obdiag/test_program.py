"""One call of obdiag: how it is called, what it answers, and everything that goes wrong with it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from distdiag_core import places
from distdiag_core.anomalies.protection_settings import Protection
from distdiag_core.cluster.inventory import NodeSettings, SqlSettings, SshSettings
from distdiag_core.errors import (
    CommandFailedError,
    ConfigError,
    DataError,
    RefusedError,
    TimedOutError,
    UnsupportedError,
)
from distdiag_core.obdiag.call import Call
from distdiag_core.obdiag.configuration import configuration
from distdiag_core.obdiag.evidence import Finding
from distdiag_core.operations.obdiag import connect_obdiag
from distdiag_core.recording import audit_log
from tests.obdiag.test_sysstat_archive import CPU

if TYPE_CHECKING:
    from collections.abc import Callable

    from distdiag_core.cluster.inventory import ClusterSettings
    from distdiag_core.obdiag.evidence import ObdiagEvidence
    from tests.obdiag.conftest import StandIn

    Make = Callable[..., ClusterSettings]

LOCK = Call("rca", "lock_conflict", ("tenant_name=shop",))
CHECK = Call("check", "cpu.*;disk.*")
STEPS = ["observer version: 4.2.5.0", "trans_id 7 holds the lock that 3 wait for"]
SCENE = {"store_dir": "x", "record": [{"record": STEPS, "suggest": "The suggest: kill session 3221\n"}]}
WITHIN_S = 20.0


async def ask(settings: ClusterSettings, call: Call = LOCK) -> ObdiagEvidence:
    async with connect_obdiag(settings) as verbs:
        return await verbs.run(call)


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_OB_PASSWORD", "s3cret: 'quoted'")


async def test_a_scene_gives_its_records_and_suggestions(cluster: Make, stand_in: StandIn) -> None:
    stand_in.plays(data=SCENE, noise="CryptographyDeprecationWarning: TripleDES")
    found = await ask(cluster())

    assert found.findings == tuple(Finding("step", text) for text in STEPS)
    assert found.suggestions == ("kill session 3221",)
    assert str(found) == "rca lock_conflict: 2 records, 1 suggestion"


async def test_it_is_called_in_a_home_of_its_own_without_telemetry(cluster: Make, stand_in: StandIn) -> None:
    stand_in.plays(data=SCENE)
    await ask(cluster())
    (called,) = stand_in.called()

    state = str(places.state_dir() / "obdiag" / "shop")
    assert called["home"].startswith(state)
    assert called["cwd"] == state
    assert ".obdiag" not in called["cwd"]
    assert called["mode"] == "0o600"
    assert called["plugins"] == ["check", "rca"]
    for option in ("obdiag.logger.silent=true", "obdiag.basic.telemetry=false"):
        assert f"--inner_config={option}" in called["arguments"]
    assert called["arguments"][:5] == ["rca", "run", "--scene=lock_conflict", "--env", "tenant_name=shop"]
    assert any(each.startswith(f"--store_dir={state}") for each in called["arguments"])


async def test_the_configuration_has_every_node_and_is_gone_afterwards(cluster: Make, stand_in: StandIn) -> None:
    stand_in.plays(data=SCENE)
    await ask(cluster(home_path="/home/admin/oceanbase"))
    config = yaml.safe_load(stand_in.called()[0]["config"])["obcluster"]

    local, remote = config["servers"]["nodes"]
    assert (config["db_host"], config["db_port"]) == ("127.0.0.1", 2899)
    assert config["tenant_sys"] == {"user": "root@sys", "password": "s3cret: 'quoted'"}
    assert local == {"ip": "127.0.0.1", "ssh_type": "local"}
    assert (remote["ssh_username"], remote["ssh_port"]) == ("admin", 2222)
    assert remote["ssh_key_file"].endswith("key")
    assert config["servers"]["global"] == {"home_path": "/home/admin/oceanbase"}
    assert [each.name for each in (places.state_dir() / "obdiag").iterdir()] == ["shop.lock"]


async def test_a_protected_node_is_not_told_to_obdiag(cluster: Make, stand_in: StandIn) -> None:
    stand_in.plays(data=SCENE)
    await ask(cluster(extra=(Protection(nodes=("n1",)),)))
    config = yaml.safe_load(stand_in.called()[0]["config"])["obcluster"]
    assert [each["ip"] for each in config["servers"]["nodes"]] == ["127.0.0.2"]
    assert config["db_host"] == "127.0.0.2"


async def test_a_check_gives_what_is_wrong_by_its_level(cluster: Make, stand_in: StandIn) -> None:
    report = {
        "fail": {"disk.disk_hole": ["Task execution failed: no ssh"]},
        "critical": {"cpu.oversold": ["[critical] node:n1 cpu oversold"]},
        "warning": {},
        "all": {"cpu.oversold": ["[critical] node:n1 cpu oversold"], "disk.disk_full": ["all pass"]},
    }
    stand_in.plays(data={"observer": report, "observer_report_path": "x"})
    # Read-only, since it only looks.
    found = await ask(cluster(read_only=True), CHECK)

    assert found.findings == (
        Finding("critical", "node:n1 cpu oversold", "cpu.oversold"),
        Finding("fail", "Task execution failed: no ssh", "disk.disk_hole"),
    )
    assert found.notes == ("3 checks, 1 passed",)
    assert str(found) == "check cpu.*;disk.*: 1 critical, 1 could not be done"


async def test_a_scene_that_broke_is_told_though_its_code_is_a_success(cluster: Make, stand_in: StandIn) -> None:
    broken = {"record": [{"record": ["observer version: 4.2.5.0"], "suggest": "The suggest: "}]}
    stand_in.plays(data=broken, logged=["rca_scene.execute err: ob_connector is None"])
    found = await ask(cluster())
    assert found.notes == ("the scene ended early: ob_connector is None",)
    assert found.suggestions == ()

    stand_in.plays(data=SCENE, logged=["rca_scene.execute not need execute: No block lock found."])
    assert (await ask(cluster())).notes == ("the scene found nothing to follow: No block lock found.",)

    stand_in.plays(data={"record": []})
    assert (await ask(cluster())).notes == ("the scene recorded nothing, which obdiag calls a success",)


async def test_no_check_of_that_name_is_told(cluster: Make, stand_in: StandIn) -> None:
    stand_in.plays(data={"observer": {"fail": {}, "critical": {}, "warning": {}, "all": {}}})
    assert "has no task that cpu.*;disk.* names" in (await ask(cluster(), CHECK)).notes[0]


_FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "code 500": ({"code": 500, "data": None, "error": "can't get observer version"}, "code 500: can't get observer"),
    "no reason": ({"code": 400, "data": None}, "code 400: it gives no reason"),
    "text with status 0": ({"text": "\x1b[31m[ERROR]\x1b[0m rca failed"}, "it said: [ERROR] rca failed"),
    "older version": ({"text": "Usage: obdiag\nobdiag: error: no such option", "status": 2}, "another version than 5"),
}  # fmt: skip


@pytest.mark.parametrize("kind", _FAILURES)
async def test_a_failure_is_told_in_plain_words(cluster: Make, stand_in: StandIn, kind: str) -> None:
    scenario, said = _FAILURES[kind]
    stand_in.plays(**scenario)
    with pytest.raises(CommandFailedError) as caught:
        await ask(cluster())
    assert said in str(caught.value)
    assert audit_log.read().entries[-1].record.result == "failed"


@pytest.mark.parametrize("data", [{}, {"record": "text"}, {"record": [{"suggest": "x"}]}])
async def test_an_answer_that_is_damaged_is_told(cluster: Make, stand_in: StandIn, data: object) -> None:
    stand_in.plays(data=data)
    with pytest.raises(DataError, match="the answer of obdiag"):
        await ask(cluster())


async def test_a_missing_program_and_missing_scenes_are_told(cluster: Make, stand_in: StandIn) -> None:
    with pytest.raises(UnsupportedError, match="is not installed: /nowhere/obdiag cannot be run"):
        await ask(cluster(command="/nowhere/obdiag"))
    (stand_in.plugins / "rca").rmdir()
    with pytest.raises(UnsupportedError, match=r"there is no .*/rca; its installation makes that directory"):
        await ask(cluster())


async def test_the_variable_comes_before_the_file(
    cluster: Make, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.plays(data=SCENE)
    monkeypatch.setenv("OBDIAG_CMD", stand_in.command)
    assert (await ask(cluster(command="/nowhere/obdiag"))).findings
    monkeypatch.setenv("OBDIAG_CMD", "obdiag 'open")
    with pytest.raises(ConfigError, match="OBDIAG_CMD: cannot be split"):
        await ask(cluster())


async def test_one_that_hangs_is_ended_at_its_time(cluster: Make, stand_in: StandIn) -> None:
    stand_in.plays(hangs=True)
    with pytest.raises(TimedOutError, match=r"no end within 2 s, and was ended; obdiag.timeout_s"):
        await ask(cluster(timeout_s=2.0))
    # A slow machine may not have started it yet.
    assert all(_is_gone(called["pid"]) for called in stand_in.called())
    assert not (places.state_dir() / "obdiag" / "shop").exists()


async def test_cancelling_ends_it_and_a_second_call_waits_for_that(cluster: Make, stand_in: StandIn) -> None:
    stand_in.plays(hangs=True, logged=["check n1 ..."])
    told: list[str] = []
    began = asyncio.Event()

    def tell(text: str) -> None:
        told.append(text)
        began.set()

    async with connect_obdiag(cluster()) as verbs:
        running = asyncio.create_task(verbs.run(LOCK, tell=tell))
        await asyncio.wait_for(began.wait(), WITHIN_S)
        with pytest.raises(RefusedError, match="already runs for this cluster"):
            await verbs.run(CHECK)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert told[0].endswith(" s: check n1 ...")
        assert _is_gone(stand_in.called()[0]["pid"])
        stand_in.plays(data=SCENE)
        assert (await verbs.run(LOCK)).findings
    assert audit_log.read().entries[-1].record.parameters["found"] == "rca lock_conflict: 2 records, 1 suggestion"


async def test_a_scene_is_refused_on_a_read_only_cluster_and_a_check_that_changes_too(cluster: Make) -> None:
    for call in (LOCK, Call("check", "cluster.*")):
        with pytest.raises(RefusedError, match="read_only"):
            await ask(cluster(read_only=True), call)


async def test_a_node_that_obdiag_cannot_reach_is_named(cluster: Make) -> None:
    ssh = SshSettings(user="admin", jump="jump.example.com")
    settings = cluster()
    far = replace(settings, nodes=(NodeSettings("n9", "10.0.0.9", ssh=ssh, sql=SqlSettings()),))
    with pytest.raises(UnsupportedError, match="n9: obdiag cannot reach a node through another host"):
        await configuration(far, ["n9"], "n9")


@pytest.mark.parametrize("name", ["--tool", "a b", "lock;rm", "", "$(x)"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        Call("rca", name)


async def test_what_is_left_of_a_killed_call_is_removed(cluster: Make, stand_in: StandIn) -> None:
    left = places.state_dir() / "obdiag" / "shop" / "config.yml"
    left.parent.mkdir(parents=True)
    left.write_text("password: old\n", encoding="utf-8")
    stand_in.plays(data=SCENE)
    await ask(cluster())
    assert "old" not in stand_in.called()[0]["config"]
    assert not left.exists()


async def test_the_history_of_tsar_is_read_and_nothing_is_left_on_the_node(cluster: Make, stand_in: StandIn) -> None:
    settings = cluster()
    local = replace(settings, nodes=settings.nodes[:1])
    stand_in.plays(data={"store_dir": "x"}, archives={"127.0.0.1": {"one_day_cpu_data.txt": CPU}})
    async with connect_obdiag(local, shells=True) as verbs:
        (found,) = await verbs.gather_sysstat()

    assert (found.node, len(found.rows), found.period_s) == ("n1", 3, 60)
    (removed,) = audit_log.read().entries[-1].record.parameters["removed"]["n1"]
    assert "/sysstat_127.0.0.1_" in removed
    assert removed not in _temporary_files()
    async with connect_obdiag(replace(local, read_only=True), shells=True) as verbs:
        with pytest.raises(RefusedError, match="read_only"):
            await verbs.gather_sysstat()


def _temporary_files() -> list[str]:
    return [str(each) for each in Path("/tmp").iterdir()]  # noqa: S108 - where obdiag leaves its files


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
