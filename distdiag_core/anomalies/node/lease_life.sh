# The life of a lease, from being armed to being removed. A part of `lease.sh`, which it is sent in front of.

arm() { # ID DURATION_S
    directory=$base/$1
    if ! mkdir "$directory" 2>/dev/null; then
        [ ! -f "$directory" ] || fail "it was cleared before it had begun"
        fail "an injection called $1 is there already, or $base cannot be written"
    fi
    { echo "$era" >"$directory/era" && write_files "$2"; } || { rm -rf "$directory"; fail "the lease cannot be written to $directory"; }
    make_group "$directory"
    make_copy "$directory"
    setsid sh -c "$launch" supervisor "$directory/program" "$base" supervise "$1" "$spare" 0 </dev/null >/dev/null 2>&1 &
    rounds=0
    until supervised "$directory"; do
        [ -d "$directory" ] || fail "it was cleared meanwhile"
        rounds=$((rounds + 1))
        [ $rounds -lt 100 ] || { dissolve "$directory"; fail "the supervisor does not start"; }
        nap
    done
}

write_files() { # DURATION_S
    DIRECTORY=$directory awk '
        BEGIN { directory = ENVIRON["DIRECTORY"] "/" }
        /^#=/ { file = directory substr($0, 3); next }
        /^#:/ { print substr($0, 3) >file; next }
        { print >(directory "program") }' <<EOF || return 1
$program
EOF
    find_uptime || return 1
    echo "$1" >"$directory/duration" && echo yes >"$directory/open" && echo "$uptime" >"$directory/born"
}

# Arguments of a stored program: its file, then its own.
launch='program=$(cat "$1"); shift; eval "$program"'

begin() { # ID
    directory=$base/$1
    (enlist "$1" setup) </dev/null >"$directory/said" 2>&1 || return 1
    if goes_on "$directory"; then enlist "$1" run </dev/null >>"$directory/said" 2>&1 & fi
}

goes_on() { first_line "$1/run" && [ -n "$line" ]; } # DIRECTORY: part of the trouble is a process

enlist() { # ID FILE: become FILE as a process of the lease, in a session of its own
    exec env "$mark=$1;" "LEASE=$base/$1" setsid sh -c "$launch" "distdiag-$1" "$base/$1/program" "$base" enter "$1" "$2"
}

enter() { # ID FILE
    directory=$base/$1
    if first_line "$directory/group"; then
        echo $$ >"$line/cgroup.procs" || exit 1
    else
        birth $$
        echo "$$ $birth" >>"$directory/sessions" || exit 1
    fi
    # Not before we are among the members: whoever ends the lease takes the leave away, then looks for members, so that
    # either we see the one or it finds the other.
    [ -e "$directory/open" ] || fail "it was cleared meanwhile"
    [ "$2" = setup ] || : >"$directory/begun"
    exec sh -e "$directory/$2"
}

prove() { # ID SECONDS
    directory=$base/$1
    find_uptime || fail "the node does not say for how long it runs"
    until_s=$((uptime + $2))
    until proved "$directory"; do
        [ -e "$directory/open" ] || fail "it was cleared meanwhile"
        ! died "$directory" || fail "it ended at once: $(said "$directory/said")"
        find_uptime && [ "$uptime" -le $until_s ] || fail "its effect does not show within $2 s: $(said "$directory/said")"
        nap
    done
}

died() { goes_on "$1" && [ -e "$1/begun" ] && nobody_left "$1"; } # DIRECTORY

proved() { # DIRECTORY
    members "$1" || ! goes_on "$1" || return 1
    # shellcheck disable=SC2086,SC2116 # in one line
    PIDS=$(echo $pids) LEASE=$1 sh -e "$1/check" </dev/null >/dev/null 2>&1
}

# Undoes it and proves that, in a session of its own that kills itself when it takes longer than any does: what hangs
# would keep the supervisor from ever trying again. Its argument is where to write what the undoing says. The commands are
# read by shells that are there already, since where many leases end each program more counts.
take_back='
sleep 300 & alarm=$!
trap "kill -KILL $alarm 2>/dev/null" EXIT
(said=$1
    set --
    (. "$LEASE/undo") >"$said" 2>&1
    left=$(set -e; . "$LEASE/gone" 2>&1)
    gone=$?
    kill -KILL $alarm
    [ -z "$left" ] || printf "%s\n" "$left" >>"$said"
    exit $gone) &
! wait $alarm || { echo "it hung for 300 s, and was killed" >>"$1"; kill -KILL -$$; }
wait $!'

# Idempotent, so that a console and the supervisor may both do it, also at the same time. 0: nothing is left; 1: it could
# not be ended; 3: it was undone, and that is proved, but its record cannot be removed.
end() { # DIRECTORY
    [ -d "$1" ] || return 0
    stop "$1" || return
    undo "$1" || return
    dissolve "$1"
}

stop() { # DIRECTORY...: lets nothing begin any more, and nothing go on; as `stop_members` says
    take_leave "$@"
    stop_members "$@" && return
    IFS=$newline
    for each in $unstopped; do
        IFS=$usual_ifs
        members "$each"
        case $? in
            2) trouble "$each" "it cannot be found out whether its processes have ended" ;;
            *) trouble "$each" "its processes do not end: ${pids# }" ;;
        esac
    done
    IFS=$usual_ifs
    return 1
}

take_leave() { # DIRECTORY...
    for directory; do
        shift
        [ ! -e "$directory/open" ] || set -- "$@" "$directory/open"
    done
    [ $# = 0 ] || rm -f "$@" 2>/dev/null
}

undo() { # DIRECTORY
    if [ ! -r "$1" ] || [ ! -x "$1" ]; then
        trouble "$1" "its record $1 cannot be read, so that nobody knows how to undo it"
        return 1
    fi
    if [ ! -e "$1/undo" ] || [ ! -e "$1/gone" ]; then
        # Each is written before anything is begun.
        was_begun "$1" || return 0
        find_copy "$1" && [ -e "$copy/undo" ] && [ -e "$copy/gone" ] ||
            { trouble "$1" "what undoes it is missing from its record $1: undo it by hand, then remove that"; return 1; }
        work=$copy
    else
        find_work "$1"
    fi
    restarted=
    ! of_another_era "$1" || restarted=yes
    said=$work/said-$$
    { echo >"$said"; } 2>/dev/null || said=/dev/null
    if ! LEASE=$work RESTARTED=$restarted setsid sh -c "$take_back" undo "$said" </dev/null >/dev/null 2>&1; then
        [ -d "$1" ] || return 0
        trouble "$1" "it was undone but is still there: $(said "$said")"
        return 1
    fi
}

was_begun() { # DIRECTORY
    for file in born supervisor sessions said begun group; do
        [ ! -e "$1/$file" ] || return 0
    done
    return 1
}

# In `work`, where what undoes it may write: the lease, or its copy where the lease cannot be written any more.
find_work() { # DIRECTORY
    work=$1
    { ! echo yes >"$1/said-$$"; } 2>/dev/null || return 0
    # What was made of it by an earlier try is newer.
    find_copy "$1" && [ -e "$copy/worked" ] || make_copy "$1"
    [ -z "$copy" ] || { work=$copy; { echo yes >"$work/worked"; } 2>/dev/null; }
}

trouble() { # DIRECTORY WHY: nothing where somebody else has ended it by now
    [ -d "$1" ] || return 0
    { printf '%s\n' "$2" >"$1/trouble"; } 2>/dev/null && return
    ! find_copy "$1" || { printf '%s\n' "$2" >"$copy/trouble"; } 2>/dev/null || :
}

# In one go, so that many need no more processes than one. 3 where a record cannot be removed.
# Many need hardly more processes than one. 3 where a record cannot be removed.
dissolve() { # DIRECTORY...
    keepers=
    for directory; do ! supervised "$directory" || keepers="$keepers ${directory##*/}:$pid"; done
    remove_copies "$@"
    dissolved=0 groups= relieved=
    for directory; do
        shift
        # In one move, so that nobody sees half a lease, and of several that end it only one goes on.
        ended=${directory%/*}/.ended-${directory##*/}-$$
        if mv "$directory" "$ended" 2>/dev/null; then
            ! first_line "$ended/group" || groups=$groups$line$newline
            relieve "${directory##*/}"
            set -- "$@" "$ended"
        elif [ -d "$directory" ]; then
            note_undone "${directory##*/}"
            undone_ids="$undone_ids ${directory##*/}"
            dissolved=3
        fi
    done
    remove_groups
    remove "$@"
    # Last, because it may be us: until here it guards against our being interrupted.
    # shellcheck disable=SC2086 # a word each
    [ -z "$relieved" ] || kill -KILL $relieved 2>/dev/null
    return $dissolved
}

relieve() { # ID: to `relieved`, the session of its supervisor
    case $keepers in *" $1:"*) ;; *) return ;; esac
    keeper=${keepers#*" $1:"}
    relieved="$relieved -${keeper%% *}"
}

remove_groups() { # of `groups`, a line each: one that came too late to begin may still be leaving it
    rounds=0
    while [ -n "$groups" ]; do
        IFS=$newline
        # shellcheck disable=SC2086 # a cgroup each
        rmdir $groups 2>/dev/null
        there=
        for group in $groups; do [ ! -d "$group" ] || there=$there$group$newline; done
        IFS=$usual_ifs
        groups=$there
        [ -n "$groups" ] && [ $rounds -lt 20 ] || return 0
        rounds=$((rounds + 1))
        nap
    done
}

# The last words of its commands; none any more where somebody has ended it.
said() { tail -c 4096 "$1" 2>/dev/null | tail -n 1 || echo "it was cleared meanwhile"; } # FILE
