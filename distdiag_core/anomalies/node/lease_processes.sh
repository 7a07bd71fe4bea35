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

# In `pids`; 1 when there certainly is nobody left, 2 when that cannot be found out.
members() { # DIRECTORY
    pids=
    # Of another era nobody lives.
    of_this_era "$1" || { first_line "$1/era" && return 1; }
    if first_line "$1/group" && [ -e "$line/cgroup.procs" ]; then
        # One of a namespace further out is a 0, which would mean our own group.
        { while read -r member; do [ "$member" = 0 ] || pids="$pids $member"; done <"$line/cgroup.procs"; } 2>/dev/null || return 2
    elif [ -n "$line" ] && [ -d "${line%/*}" ] && [ ! -e "$line" ]; then
        # Only an empty one can be removed.
        return 1
    else
        found=$(marked "$1" && echo whole) || return 2
        case $found in *failed* | *[!e] | '') return 2 ;; esac
        pids=$(printf '%s' "${found%whole}" | sort -nu | tr '\n' ' ') || return 2
        pids=${pids% }
    fi
    [ -n "$pids" ]
}

nobody_left() { # DIRECTORY
    members "$1"
    [ $? = 1 ]
}

marked() { # DIRECTORY: without a cgroup, what carries our mark or belongs to a session that we began
    in_sessions "$1" echo
    # It complains about processes that have gone; more than that is no answer.
    { grep -l "$mark=${1##*/};" /proc/[0-9]*/environ 2>/dev/null || [ $? -le 2 ] || echo failed; } | cut -d / -f 3
}

# Every process of our sessions, as one more argument of COMMAND; needs no process of its own, for which there may be no
# room while the trouble is there.
in_sessions() { # DIRECTORY COMMAND...
    lease=$1
    shift
    [ -s "$lease/sessions" ] && of_this_era "$lease" || return 0
    while read -r leader born; do
        birth "$leader"
        # Another process has the number now: our session ended long ago.
        [ -z "$birth" ] || [ "$birth" = "$born" ] || continue
        for file in /proc/[0-9]*/stat; do
            read -r text 2>/dev/null <"$file" || continue
            belongs "$leader" ${text##*) } && "$@" "${text%% *}"
        done
    done <"$lease/sessions"
}

belongs() { [ "$5" = "$1" ] && [ "$2" != Z ]; } # LEADER STATE PARENT GROUP SESSION ...

signal() { # SIGNAL DIRECTORY: 1 when there is nobody left
    members "$2" || return
    # shellcheck disable=SC2086 # one word each
    kill -"$1" $pids 2>/dev/null || :
}

kill_now() { # DIRECTORY: false when there is nobody left; in a cgroup, without a process of its own
    first_line "$1/group"
    group=$line
    if [ -w "$group/cgroup.kill" ]; then
        nobody_left "$1" || echo 1 >"$group/cgroup.kill"
    elif [ -w "$group/freezer.state" ]; then
        # Frozen, they cannot have children faster than we kill them.
        echo FROZEN >"$group/freezer.state"
        signal KILL "$1"
        echo THAWED >"$group/freezer.state"
    else
        in_sessions "$1" kill -KILL 2>/dev/null
        signal KILL "$1"
    fi
    ! nobody_left "$1"
}

stop_members() { # DIRECTORY
    rounds=0
    # A polite word first: a program that holds packets lets them go.
    signal TERM "$1"
    [ $? != 1 ] || return 0
    while ! nobody_left "$1" && [ $rounds -lt 6 ]; do nap; rounds=$((rounds + 1)); done
    while kill_now "$1"; do
        rounds=$((rounds + 1))
        [ $rounds -lt 60 ] || return 1
        nap
    done
}
