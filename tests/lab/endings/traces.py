"""What is on a node, looked at from the machine that it runs on, whatever became of its SSH server."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pymysql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from distdiag_core.cluster.inventory import NodeSettings

# Sections of lines; what only a kernel or a host with the program can have is left out elsewhere.
LOOK = r"""
data_dir=$1
echo '[processes]'; ps -eo pid=,ppid=,args= ww | awk -v us=$$ '$1 != us && $2 != us'
echo '[qdiscs]'; tc qdisc show
tc filter show dev eth0; tc class show dev eth0; ip -o link | awk '{ sub(/@.*/, "", $2); print $2 }'
echo '[rules]'
for table in filter mangle nat; do
    for program in iptables-legacy ip6tables-legacy; do
        $program -w 5 -t $table -S 2>/dev/null | sed "s/^/$program $table /"
    done
done
nft list ruleset 2>/dev/null | sed 's/packets [0-9]* bytes [0-9]*//'
echo '[cgroups]'; find /sys/fs/cgroup -type d -name '*distdiag*' 2>/dev/null
echo '[files]'
# A file among the leases bars what was cleared on its way; it goes after a quarter of an hour.
find /var/lib/distdiag -mindepth 1 -type d
find /tmp /run /var/tmp /dev/shm -mindepth 1 ! -name 'sshd*' 2>/dev/null
find "$data_dir" -mindepth 1 -maxdepth 1
find "$data_dir" -name '*distdiag*'
"""
_QUERIES = {
    "parameters": "SELECT name, value FROM oceanbase.GV$OB_PARAMETERS",
    "tables": "SELECT table_schema, table_name FROM information_schema.tables",
    "indexes": "SELECT DISTINCT table_schema, table_name, index_name FROM information_schema.statistics",
    "accounts": "SELECT host, user FROM mysql.user",
    # Of programs on the node itself; others are those of consoles. What one locks goes with it.
    "sessions": "SELECT user, db FROM information_schema.processlist"
    " WHERE id <> connection_id() AND (host LIKE '127.%%' OR host LIKE CONCAT(%s, ':%%'))",
}
# Of these, nothing that was there before may be missing either.
_LASTING = {"qdiscs", "rules", "parameters", "tables", "indexes", "accounts"}


@dataclass(frozen=True)
class Traces:
    """Lines by section."""

    sections: Mapping[str, Counter[str]]

    def against(self, before: Traces) -> str:
        """What is there that was not, and what is missing; empty where nothing is."""
        found: list[str] = []
        for name, lines in self.sections.items():
            earlier = before.sections.get(name, Counter())
            found += [f"{name}: + {line}" for line in lines - earlier]
            if name in _LASTING:
                found += [f"{name}: - {line}" for line in earlier - lines]
        return "; ".join(found)


def of_host(said: str) -> dict[str, Counter[str]]:
    """What `LOOK` has said, by section."""
    sections: dict[str, list[str]] = {}
    for line in said.splitlines():
        if line.startswith("[") and line.endswith("]"):
            sections[line[1:-1]] = []
        elif line.strip():
            sections[next(reversed(sections))].append(line.strip())
    sections["processes"] = list(_lasting_processes(sections["processes"]))
    return {name: Counter(lines) for name, lines in sections.items()}


def _lasting_processes(lines: Iterable[str]) -> Iterable[str]:
    """Their command lines, without what lives in a session of somebody who is connected, or waits to be reaped."""
    known = {pid: (parent, args) for pid, parent, args in (line.split(maxsplit=2) for line in lines)}
    for pid, (_, args) in known.items():
        parent, in_session = pid, False
        while parent in known:
            in_session = in_session or "sshd" in known[parent][1]
            parent = known[parent][0]
        if not in_session and not args.endswith("<defunct>"):
            yield args


def of_database(node: NodeSettings, password: str) -> dict[str, Counter[str]]:
    """What its database says; one section with the reason where it says nothing."""
    if node.sql is None:
        raise AssertionError("the cluster file was not completed")
    try:
        with (
            closing(
                pymysql.connect(
                    host=node.host,
                    port=node.sql.port,
                    user=node.sql.user,
                    password=password,
                    connect_timeout=5,
                    read_timeout=5,
                )
            ) as connection,
            connection.cursor() as cursor,
        ):
            sections: dict[str, Counter[str]] = {}
            for name, query in _QUERIES.items():
                cursor.execute(query, (node.host,) if "%s" in query else None)
                sections[name] = Counter(" ".join(map(str, row)) for row in cursor.fetchall())
            return sections
    except (pymysql.Error, OSError) as error:
        return {"database": Counter([f"cannot be asked: {error}"])}
