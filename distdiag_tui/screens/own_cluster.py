"""The forms for a cluster of one's own, by one node's address or as pods: tried before a file is written."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from distdiag_core.cluster.known_hosts import trust
from distdiag_core.errors import ConfigError, DistdiagError
from distdiag_core.setup import cluster_draft
from distdiag_core.setup.cluster_draft import ClusterDraft, node_of, parse_node
from distdiag_core.setup.discovery import discover, recognize
from distdiag_core.setup.host_keys import unknown_host_keys
from distdiag_core.setup.pod_discovery import discover_pods
from distdiag_tui.drawing.lines import block
from distdiag_tui.screens.form import TextField
from distdiag_tui.screens.form_dialog import FormDialog
from distdiag_tui.screens.question import Answer, Question
from distdiag_tui.screens.tried_cluster import TriedCluster
from distdiag_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from textual.app import ComposeResult

    from distdiag_core.cluster.known_hosts import HostKey
    from distdiag_core.doctor.report import ClusterReport
    from distdiag_core.setup.cluster_draft import NodeDraft
    from distdiag_tui.drawing.lines import Tone

# A key that was accepted may be that of a jump host, behind which there are more.
_MOST_JUMPS = 4
_MOST_PORT = 65_535
_NAME = ("Name", "", "of the cluster, for instance shop")
_ACCOUNT = {
    "sql_user": ("SQL account", "root", "root@tenant for a tenant other than sys"),
    "sql_port": ("SQL port", "2881", ""),
    "password_env": ("SQL password in", "", "an environment variable; nothing: no password"),
}
_FIELDS = {
    "name": _NAME,
    "seed": ("One node", "", "its address, or local; it is asked for the others"),
    "nodes": ("Other nodes", "", "only where they cannot be found: n2=10.0.0.12 n3=10.0.0.13"),
    "ssh_user": ("SSH account", "", "nothing: as ~/.ssh/config says"),
    **_ACCOUNT,
}
_POD_FIELDS = {
    "name": _NAME,
    "namespace": ("Namespace", "", "of the pods"),
    "selector": ("Labels", "", "nothing: the only cluster there; else ref-obcluster=shop"),
    "context": ("Context", "", "of kubectl; nothing: the current one"),
    "pod_sql": ("SQL by", "pod_ip", "pod_ip, or port_forward where pods are not reached"),
    **_ACCOUNT,
}


class OwnCluster(FormDialog["Path"]):
    """Returns the cluster file that was written."""

    HEADING = "Your own cluster"
    FIELDS: ClassVar[Mapping[str, tuple[str, str, str]]] = _FIELDS
    """Heading, value and placeholder of each field, by name."""

    def compose(self) -> ComposeResult:
        """The fields over what goes on, and the buttons."""
        with Vertical(classes="box") as box:
            box.border_title = self.HEADING
            for name, (heading, value, placeholder) in self.FIELDS.items():
                yield TextField(heading, value, name, placeholder=placeholder)
            with Horizontal(classes="buttons"):
                yield Button("Find and try", id="do", variant="primary", compact=True)
                yield Button("Back", id="back", compact=True)
            yield LineView(id="progress", classes="auto")
            yield self.key_bar("form")

    def on_mount(self) -> None:
        """Focus the first field, so that typing can begin."""
        self.query(Input).first().focus()

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#do")
    def action_submit(self) -> None:
        """Find the other nodes, try all of them, and show the results."""
        # Not yet a coroutine: one that is replaced before it has begun would never be awaited.
        work: Callable[[], Awaitable[None]] = self._try
        self.run_worker(work, group="try", exclusive=True, exit_on_error=False)

    async def _try(self) -> None:
        try:
            draft = self._draft()
            path = cluster_draft.path_of(draft.name)
            draft = await self._discovered(draft)
            report = await self._examined(draft)
            self._say("")
            if await self._show(TriedCluster(draft, report, path)) == "write":
                await self._write(draft, path)
        except DistdiagError as error:
            self._say(str(error), "bad")

    def _draft(self) -> ClusterDraft:
        values = self._values()
        if not values["seed"]:
            raise ConfigError("no node is named", hint="give the address of one")
        others = tuple(map(parse_node, values["nodes"].split()))
        nodes = (node_of("n1", values["seed"]), *others)
        return replace(self._with_account(values, nodes), ssh_user=values["ssh_user"] or None)

    def _values(self) -> dict[str, str]:
        return {field.id or "": field.value for field in self.query(TextField)}

    def _with_account(self, values: Mapping[str, str], nodes: tuple[NodeDraft, ...]) -> ClusterDraft:
        """The draft with the values that both forms have."""
        port = values["sql_port"]
        if not port.isdecimal() or not 0 < int(port) <= _MOST_PORT:
            raise ConfigError("the SQL port is no port", hint="OceanBase listens at 2881")
        return ClusterDraft(
            values["name"],
            nodes,
            sql_user=values["sql_user"] or None,
            sql_port=int(port),
            password_env=values["password_env"] or None,
        )

    async def _discovered(self, draft: ClusterDraft) -> ClusterDraft:
        if len(draft.nodes) > 1:
            return (await recognize(draft)).draft
        self._say(f"asking {draft.nodes[0].host} for the servers of its cluster")
        try:
            return (await discover(draft)).draft
        except ConfigError:
            raise
        except DistdiagError as error:
            hint = "mend it, or name the other nodes here"
            raise ConfigError(f"the other nodes were not found: {error}", hint=hint) from error

    async def _examined(self, draft: ClusterDraft) -> ClusterReport:
        settings = draft.settings()
        refused: set[str] = set()
        for _ in range(_MOST_JUMPS):
            self._say(f"reaching {len(draft.nodes)} nodes by SSH")
            keys = [key for key in await unknown_host_keys(settings) if key.line not in refused]
            answers = [await self._trusted(key) for key in keys]
            refused |= {key.line for key, agreed in zip(keys, answers, strict=True) if not agreed}
            if not any(answers):
                break
        self._say("trying every node: SSH, SQL, metrics, rights, programs, kernel, clock")
        # Its imports take a second.
        examination: Any = await asyncio.to_thread(import_module, "distdiag_core.doctor.examination")
        report: ClusterReport = await examination.examine(settings)
        return report

    async def _trusted(self, key: HostKey) -> bool:
        lines = (
            f"The host key of {key.host} port {key.port} is not known:",
            f"{key.algorithm} {key.fingerprint}",
            "The node itself shows it with: ssh-keygen -lf /etc/ssh/ssh_host_..._key.pub",
            f"A yes adds it to {key.file}.",
        )
        answers = (Answer("no", "No"), Answer("yes", "It is that of the node: trust it", "warning"))
        if await self._show(Question("Host key", lines, answers)) != "yes":
            return False
        trust(key)
        return True

    async def _write(self, draft: ClusterDraft, path: Path) -> None:
        overwrite = await asyncio.to_thread(path.exists)
        if overwrite:
            answers = (Answer("no", "Keep it"), Answer("yes", "Overwrite it", "warning"))
            if await self._show(Question("File", (f"{path} exists already.",), answers)) != "yes":
                return
        cluster_draft.write(draft, path, overwrite=overwrite)
        self.dismiss(path)

    async def _show(self, screen: Any) -> Any:  # noqa: ANN401 - the result of any dialog
        return await self.app.push_screen_wait(screen)

    def _say(self, text: str, tone: Tone = "accent") -> None:
        progress = self.query_one("#progress", LineView)
        lines = block("", text, max(40, progress.line_width), tone) if text else []
        progress.show_lines([(("", "plain"),), *lines])


class PodCluster(OwnCluster):
    """The form for observers that are pods under ob-operator."""

    HEADING = "Your cluster on Kubernetes"
    FIELDS = _POD_FIELDS

    def _draft(self) -> ClusterDraft:
        values = self._values()
        if not values["namespace"]:
            raise ConfigError("no namespace is named", hint="give that of the pods")
        found = {"namespace": values["namespace"], "context": values["context"], "sql": values["pod_sql"]}
        # The nodes come with their pods.
        draft = self._with_account(values, (node_of("n1", ""),))
        return replace(draft, kubernetes={key: value for key, value in found.items() if value})

    async def _discovered(self, draft: ClusterDraft) -> ClusterDraft:
        self._say(f"asking kubectl for the pods in {self._values()['namespace']}")
        return (await discover_pods(draft, self._values()["selector"])).draft
