"""`distdiag config init`: a new cluster file, from options or questions, tried on every node before it is written."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from distdiag_core.cli.init_questions import Answers, ask, ask_nodes, confirmed
from distdiag_core.cli.options import as_json
from distdiag_core.cli.output import emit, put, say, table
from distdiag_core.cli.run import run
from distdiag_core.errors import ConfigError, DistdiagError

if TYPE_CHECKING:
    from pathlib import Path

    from distdiag_core.cli.options import Target
    from distdiag_core.cluster.known_hosts import HostKey
    from distdiag_core.doctor.report import ClusterReport
    from distdiag_core.setup.cluster_draft import ClusterDraft
    from distdiag_core.setup.discovery import Discovery

# A key that was accepted may be that of a jump host, behind which there are more.
_MOST_JUMPS = 4


@click.command()
@click.option("--name", metavar="NAME", help="Of the cluster; without it: that of --cluster, or of the file --config.")
@click.option("--from", "seed", metavar="HOST", help="One node (or local), which is asked for the others by SQL.")
@click.option("--node", "nodes", multiple=True, metavar="NAME=HOST", help="One for each node; HOST may be local.")
@click.option("--kubernetes", "pods", is_flag=True, help="The nodes are pods under ob-operator, found by kubectl.")
@click.option("--selector", metavar="LABELS", help="Of the pods; without it: ref-obcluster, whatever its value.")
@click.option("--namespace", help="Of the pods.")
@click.option("--context", help="As kubectl takes it; without it: the current one.")
@click.option("--kubeconfig", metavar="FILE", help="As kubectl takes it; without it: the usual one.")
@click.option(
    "--pod-sql",
    type=click.Choice(["pod_ip", "port_forward"]),
    help="Where SQL goes; port_forward where the addresses of pods are not reached. Without it: pod_ip.",
)
@click.option("--ssh-user", metavar="USER", help="Without it: as ~/.ssh/config says, else your own name.")
@click.option("--sql-user", metavar="USER", help="For instance root@tenant; without it: root.")
@click.option(
    "--tenant", "tenants", multiple=True, metavar="NAME", help="Whose statistics are shown; all for every one."
)
@click.option("--sql-port", type=click.IntRange(1, 65535), help="Without it: 2881.")
@click.option("--sql-password-env", "password_env", metavar="VARIABLE", help="The variable that holds the password.")
@click.option("--sql-password-command", "password_command", metavar="COMMAND", help="It prints the password.")
@click.option("--allow-changes", is_flag=True, help="Without it the cluster is read-only: watched, never changed.")
@click.option("--production", is_flag=True, help="What changes the cluster wants its name repeated.")
@click.option(
    "--accept-host-key", "fingerprints", multiple=True, metavar="SHA256:...",
    help="Trust hosts whose unknown key has this fingerprint.",
)  # fmt: skip
@click.option("--no-check", is_flag=True, help="Try no node: neither SSH nor SQL.")
@click.option("--yes", is_flag=True, help="Write the file without a question.")
@click.option("--force", is_flag=True, help="Overwrite the file where there is one.")
@as_json
@click.pass_obj
def init(
    target: Target, /, fingerprints: tuple[str, ...], *, no_check: bool, yes: bool, force: bool, as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `Answers`
) -> None:  # fmt: skip
    """Write a cluster file; in a terminal, ask for what no option says.

    The other nodes are found by SQL, and SSH and SQL are tried on each. Unknown host keys are trusted only after a yes,
    or by --accept-host-key. Without a terminal, and with --json, nothing is asked: the options are the answers. The
    file is --config FILE, or lies below the user's configuration.
    """
    _Init(target, fingerprints, check=not no_check, yes=yes, force=force, as_json=as_json).run(options)


class _Init:
    """The steps of one `config init`."""

    def __init__(
        self, target: Target, fingerprints: tuple[str, ...], *, check: bool, yes: bool, force: bool, as_json: bool
    ) -> None:
        self._target = target
        self._fingerprints = frozenset(fingerprints)
        self._check, self._yes, self._force, self._as_json = check, yes, force, as_json
        self._asks = not as_json and sys.stdin is not None and sys.stdin.isatty()
        self._facts: dict[str, Any] = {}

    def run(self, options: dict[str, Any]) -> None:
        """Answers, discovery, host keys, checks, and the file."""
        from distdiag_core.setup import cluster_draft

        named = self._target.config.stem if self._target.config is not None else None
        answers = Answers(**options | {"name": options["name"] or self._target.cluster or named})
        answers = self._complete(answers)
        path = self._path(answers)
        draft = self._discovered(answers)
        report = self._examined(draft) if self._check else None
        self._show(draft, report, path)
        if self._asks and not self._yes and not confirmed(f"Write {path}?", default=True):
            say("nothing is written")
            return
        cluster_draft.write(draft, path, overwrite=self._force)
        self._end(draft, path, report)

    def _complete(self, answers: Answers) -> Answers:
        if answers.seed and answers.nodes:
            raise ConfigError(
                "--from and --node are both given",
                where="config init",
                hint="the one finds nodes, the other names them",
            )
        if answers.pods:
            return _of_pods(answers)
        if answers.name and (answers.nodes or answers.seed):
            return answers
        if self._asks:
            return ask(answers)
        known = (("--name", answers.name), ("--from or --node", answers.nodes))
        raise ConfigError(
            f"{' and '.join(each for each, value in known if not value)} is missing, and nobody can be asked",
            where="config init",
            hint="for instance --name shop --from 10.0.0.11, or --name shop --node n1=10.0.0.11 --node n2=10.0.0.12",
        )

    def _path(self, answers: Answers) -> Path:
        from distdiag_core.setup import cluster_draft

        usual = cluster_draft.path_of(answers.name or "")
        path = self._target.config or usual
        if path.exists() and not self._force:
            if not self._asks or not confirmed(f"{path} exists already. Overwrite it?", default=False):
                raise cluster_draft.taken(path)
            self._force = True
        return path

    def _discovered(self, answers: Answers) -> ClusterDraft:
        from distdiag_core.setup.discovery import discover, recognize
        from distdiag_core.setup.pod_discovery import discover_pods

        draft = answers.draft()
        if answers.pods:
            return self._noted(run(discover_pods(draft, answers.selector or "")))
        if answers.seed is None or not self._check:
            # What makes no cluster is refused before anything is connected.
            draft.settings()
            return self._noted(run(recognize(draft))) if self._check else draft
        say(f"asking {answers.seed} for the servers of its cluster")
        try:
            found = run(discover(draft))
        except ConfigError:
            raise
        except DistdiagError as error:
            if not self._asks:
                raise
            say(f"the other nodes were not found: {error}")
            return replace(draft, nodes=ask_nodes(draft.nodes))
        return self._noted(found)

    def _noted(self, found: Discovery) -> ClusterDraft:
        for note in found.notes:
            say(note)
        self._facts["notes"] = found.notes
        return found.draft

    def _examined(self, draft: ClusterDraft) -> ClusterReport:
        from distdiag_core.doctor.examination import examine

        settings = draft.settings()
        self._facts["host_keys"] = []
        for _ in range(_MOST_JUMPS):
            if not self._accept_host_keys(draft):
                break
        say("trying every node: SSH, SQL, metrics, rights, programs, kernel, clock")
        return run(examine(settings))

    def _accept_host_keys(self, draft: ClusterDraft) -> bool:
        """Whether a key was accepted that was not known."""
        from distdiag_core.cluster.known_hosts import trust
        from distdiag_core.setup.host_keys import unknown_host_keys

        seen = {fact["fingerprint"] for fact in self._facts["host_keys"]}
        accepted = False
        for key in run(unknown_host_keys(draft.settings())):
            if key.fingerprint in seen:
                continue
            say(f"the host key of {key.host} port {key.port} is not known: {key.algorithm} {key.fingerprint}")
            agreed = self._agreed(key)
            if agreed:
                trust(key)
                say(f"{key.file} has it now")
                accepted = True
            self._facts["host_keys"].append(
                {"host": key.host, "port": key.port, "fingerprint": key.fingerprint, "accepted": agreed}
            )
        return accepted

    def _agreed(self, key: HostKey) -> bool:
        if key.fingerprint in self._fingerprints:
            return True
        question = f"Is it the fingerprint that {key.host} itself shows (ssh-keygen -lf), and is it to be trusted?"
        return self._asks and confirmed(question, default=False)

    def _show(self, draft: ClusterDraft, report: ClusterReport | None, path: Path) -> None:
        from distdiag_core.doctor.report import Result
        from distdiag_core.setup import privileges, results

        if self._as_json:
            return
        if report is not None:
            table(results.HEADER, results.rows(report))
            for result, heading in ((Result.FAILED, "What failed:"), (Result.LIMITED, "What stays off:")):
                if lines := results.advice(report, result):
                    put(f"\n{heading}")
                    for line in lines:
                        put(f"  {line}")
        put("\nAn account of its own for the database, no more than is needed:")
        for statement in privileges.sql_statements(draft):
            put(f"  {statement}")
        if line := privileges.sudoers(draft):
            put(f"The line for /etc/sudoers.d/distdiag on each node, for anomalies:\n  {line}")
        put(f"\n{path}:\n\n{draft.text}", nl=False)

    def _end(self, draft: ClusterDraft, path: Path, report: ClusterReport | None) -> None:
        from distdiag_core.cli.doctor import facts_of
        from distdiag_core.setup import privileges

        if self._as_json:
            facts = {"file": path, "name": draft.name, "nodes": draft.nodes, "notes": (), "host_keys": ()}
            privileged = {"sql": privileges.sql_statements(draft), "sudoers": privileges.sudoers(draft)}
            emit(facts | self._facts | privileged | {"checks": None if report is None else facts_of(report)})
        named = f"--config {path}" if self._target.config is not None else f"--cluster {draft.name}"
        say(f"{path} is written; `distdiag {named} config check` validates it after every change")
        say(f"`distdiag {named} doctor` says what its nodes lack, and what grants or installs it")
        if draft.read_only:
            say("the cluster is read-only: set read_only to false in the file before you inject or start benchmarks")


def _of_pods(answers: Answers) -> Answers:
    """The answers for nodes that are pods, if they are complete; nothing is asked."""
    if answers.seed or answers.nodes:
        raise ConfigError(
            "--kubernetes stands beside --from or --node",
            where="config init",
            hint="the pods are found by --selector, and need no address",
        )
    known = (("--name", answers.name), ("--namespace", answers.namespace))
    if missing := [each for each, value in known if not value]:
        raise ConfigError(
            f"{' and '.join(missing)} is missing",
            where="config init",
            hint="for instance --name shop --kubernetes --namespace oceanbase --selector ref-obcluster=shop",
        )
    return answers
