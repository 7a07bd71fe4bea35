# The processes of a lease: counted, and ended, by the cgroup that they are in; where the node lets us have none, by a mark
# in their environment and by their session. A part of `lease.sh`, which it is sent in front of.

make_group() { # DIRECTORY
    unified=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null)
    frozen=$(awk -F: '$2 ~ /(^|,)freezer(,|$)/ { print $3 }' /proc/self/cgroup 2>/dev/null)
    unified_mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    freezer_mount=$(awk '$3 == "cgroup" && $4 ~ /(^|,)freezer(,|$)/ { print $2; exit }' /proc/mounts)
    for group in "${unified_mount:-/none}$unified" "${freezer_mount:-/none}$frozen"; do
        group=${group%/}/distdiag-${1##*/}
        mkdir "$group" 2>/dev/null || continue
        if [ -w "$group/cgroup.kill" ] || [ -w "$group/freezer.state" ]; then
            # The lease may have been ended meanwhile; then nobody else would remove it.
            echo "$group" >"$1/group" && return
        fi
        rmdir "$group"
    done
}

members() { # DIRECTORY: in `pids`; false when there is nobody left
    pids=
    if first_line "$1/group"; then
        [ ! -r "$line/cgroup.procs" ] || while read -r member; do pids="$pids $member"; done <"$line/cgroup.procs"
    else
        pids=$(marked "$1" | sort -nu | tr '\n' ' ')
    fi
    [ -n "$pids" ]
}

marked() { # DIRECTORY: without a cgroup, what carries our mark or belongs to a session that we began
    grep -l "$mark=${1##*/};" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3
    [ -s "$1/sessions" ] && of_this_era "$1" || return 0
    while read -r leader born; do
        birth "$leader"
        # Another process has the number now: our session ended long ago.
        [ -z "$birth" ] || [ "$birth" = "$born" ] || continue
        cat /proc/[0-9]*/stat 2>/dev/null | sed 's/(.*)/-/' | awk -v session="$leader" '$6 == session && $3 != "Z" { print $1 }'
    done <"$1/sessions"
}

signal() { # SIGNAL DIRECTORY: false when there is nobody left
    members "$2" || return 1
    # shellcheck disable=SC2086 # one word each
    kill -"$1" $pids 2>/dev/null || :
}

kill_now() { # DIRECTORY: false when there is nobody left
    first_line "$1/group"
    group=$line
    if [ -w "$group/cgroup.kill" ]; then
        ! members "$1" || echo 1 >"$group/cgroup.kill"
    elif [ -w "$group/freezer.state" ]; then
        # Frozen, they cannot have children faster than we kill them.
        echo FROZEN >"$group/freezer.state"
        signal KILL "$1"
        echo THAWED >"$group/freezer.state"
    else
        signal KILL "$1"
    fi
    members "$1"
}

stop_members() { # DIRECTORY
    rounds=0
    # A polite word first: a program that holds packets lets them go.
    signal TERM "$1" || return 0
    while members "$1" && [ $rounds -lt 6 ]; do nap; rounds=$((rounds + 1)); done
    while kill_now "$1"; do
        rounds=$((rounds + 1))
        [ $rounds -lt 60 ] || return 1
        nap
    done
}

