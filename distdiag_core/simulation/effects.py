"""By what factor an anomaly changes the metrics of its node, the telling ones first, and its peers' not at all."""

from __future__ import annotations

EFFECTS: dict[str, dict[str, float]] = {
    "cpu_stress": {
        "host.cpu.usage": 3.0,
        "host.pressure.cpu.some": 9.0,
        "sysstat.request_queue_time": 8.0,
        "host.load.1": 5.0,
        "sysstat.trans_commit_count": 0.4,
        "sysstat.trans_latency": 3.0,
    },
    "memory_stress": {
        "host.memory.used": 1.9,
        "host.memory.major_faults": 30.0,
        "host.pressure.memory.some": 20.0,
        "host.memory.available": 0.1,
        "sysstat.trans_commit_count": 0.7,
        "sysstat.trans_latency": 1.8,
    },
    "io_stress": {
        "host.disk.latency": 12.0,
        "host.pressure.io.some": 12.0,
        "host.disk.busy": 4.0,
        "sysstat.palf_write_latency": 9.0,
        "host.disk.write_bytes": 3.0,
        "sysstat.trans_commit_count": 0.5,
        "sysstat.trans_latency": 4.0,
    },
    "network_delay": {
        "host.tcp.round_trip": 40.0,
        "sysstat.rpc_net_latency": 20.0,
        "sysstat.trans_commit_latency": 6.0,
        "sysstat.trans_commit_count": 0.3,
        "sysstat.trans_latency": 6.0,
    },
    "network_loss": {
        "host.tcp.retransmit_share": 30.0,
        "host.tcp.retransmits": 50.0,
        "host.tcp.round_trip_spread": 8.0,
        "sysstat.trans_commit_count": 0.6,
        "sysstat.trans_latency": 2.5,
    },
    "lock_contention": {
        "sysstat.memstore_wait_write_lock_time": 40.0,
        "sysstat.memstore_write_lock_fail_count": 20.0,
        "sysstat.trans_commit_count": 0.6,
        "sysstat.trans_latency": 3.0,
    },
    "slow_query": {
        "sysstat.sql_select_latency": 15.0,
        "sysstat.cpu_usage": 2.0,
        "host.cpu.usage": 1.6,
        "sysstat.trans_latency": 1.5,
    },
    "too_many_indexes": {
        "sysstat.sql_insert_latency": 5.0,
        "sysstat.rows_per_insert": 4.0,
        "sysstat.trans_commit_count": 0.8,
        "sysstat.trans_latency": 1.6,
    },
}
