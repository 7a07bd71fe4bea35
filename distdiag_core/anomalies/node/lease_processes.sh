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
        [ -n "$in_round" ] && [ -n "$processes" ] || scan
        [ "$processes" != '?' ] || return 2
        add_pids "${1##*/}"
        find_leaders "$1"
        for leader in $leaders; do add_pids "@$leader"; done
    fi
    [ -n "$pids" ]
}

nobody_left() { # DIRECTORY
    members "$1"
    [ $? = 1 ]
}

# Of a round through many leases without a cgroup, what `scan` found at its beginning.
in_round=
processes=

# In `processes`, what lives: a line for each lease whose mark processes carry, `ID: PID...`, and for each session, `@LEADER:
# PID...`; a question mark where that cannot be found out. One look at all, since leases may be many.
scan() {
    processes=$newline$({
        # It complains about processes that have gone. Having read itself, it has read all.
        LC_ALL=C env "$mark=.;" grep -zHo "$mark=[^;]*;" /proc/[0-9]*/environ /proc/self/environ | tr '\0' '\n'
        LC_ALL=C grep -H . /proc/[0-9]*/stat /proc/self/stat
    } 2>/dev/null | LC_ALL=C awk '
        function note(key, pid) {
            if (!((key, pid) in noted)) { noted[key, pid]; pids[key] = pids[key] " " pid }
        }
        { split($0, part, "/"); pid = part[3] }
        part[4] ~ /^environ:/ { sub(/^[^=]*=/, ""); sub(/;.*/, ""); note($0, pid); next }
        # The name of a program may contain anything, line ends too.
        { sub(/^[^:]*:/, ""); stat[pid] = stat[pid] " " $0 }
        END {
            for (pid in stat) {
                sub(/.*\) /, "", stat[pid])
                split(stat[pid], field, " ")
                if (pid == "self") note("@", pid)
                else if (field[1] !~ /[ZX]/) note("@" field[4], pid)
            }
            for (key in pids) print key ":" pids[key]
        }')$newline
    case $processes in *"$newline.: "*) ;; *) processes='?' ;; esac
    case $processes in *"$newline@: "*) ;; *) processes='?' ;; esac
}

add_pids() { # KEY: to `pids`, those that `scan` found by it
    case $processes in *"$newline$1: "*) ;; *) return ;; esac
    of_key=${processes#*"$newline$1: "}
    for pid in ${of_key%%"$newline"*}; do
        case "$pids " in *" $pid "*) ;; *) pids="$pids $pid" ;; esac
    done
}

# In `leaders`, those of the sessions that we began, unless another process has the number now: then ours ended long ago.
find_leaders() { # DIRECTORY
    leaders=
    [ -s "$1/sessions" ] && of_this_era "$1" || return 0
    while read -r leader born; do
        birth "$leader"
        [ -n "$birth" ] && [ "$birth" != "$born" ] || leaders="$leaders $leader"
    done <"$1/sessions"
}

# Kills every process of our sessions; needs no process of its own, for which there may be no room while the trouble is
# there.
kill_sessions() { # DIRECTORY
    find_leaders "$1"
    [ -n "$leaders" ] || return 0
    for file in /proc/[0-9]*/stat; do
        read_stat "$file" && belongs $stat || continue
        file=${file%/stat}
        kill -KILL "${file##*/}" 2>/dev/null
    done
}

belongs() { # STATE PARENT GROUP SESSION ...
    case $1 in [ZX]) return 1 ;; esac
    case "$leaders " in *" ${4:-none} "*) ;; *) return 1 ;; esac
}

signal() { # SIGNAL DIRECTORY: 1 when there is nobody left
    members "$2" || return
    # shellcheck disable=SC2086 # one word each
    kill -"$1" $pids 2>/dev/null || :
}

kill_now() { # DIRECTORY: 1 when there is nobody left; in a cgroup, without a process of its own
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
        [ -n "$in_round" ] || kill_sessions "$1"
        # What was found before that is not looked for again: the next round shows what lives.
        signal KILL "$1"
        return
    fi
    members "$1"
}

# In `unstopped`, a line each, those whose processes do not end, or of which that cannot be found out; false where there are
# any.
stop_members() { # DIRECTORY...
    unstopped=$(printf '%s\n' "$@")
    rounds=0
    # A polite word first: a program that holds packets lets them go.
    go_round signal TERM
    while [ -n "$unstopped" ] && [ $rounds -lt 6 ]; do
        nap
        rounds=$((rounds + 1))
        go_round members
    done
    go_round kill_now
    while [ -n "$unstopped" ] && [ $rounds -lt 60 ]; do
        nap
        rounds=$((rounds + 1))
        go_round kill_now
    done
    [ -z "$unstopped" ]
}

go_round() { # FUNCTION...: for each of `unstopped`; it says 1 of those that stay so no more
    processes= in_round=yes
    still=
    IFS=$newline
    for each in $unstopped; do
        IFS=$usual_ifs
        "$@" "$each"
        [ $? = 1 ] || still=$still$each$newline
    done
    IFS=$usual_ifs
    unstopped=$still in_round=
}
