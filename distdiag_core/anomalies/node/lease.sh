# Leases on this node: injections that always end. The console sends this text, behind those of the other `lease_*.sh`, with
# every request; nothing is installed.
#
# Arguments: BASE VERB ...   BASE is the directory of the leases; empty for the usual ones, which `lease_places.sh` knows.
# The text itself is in $program.
# Behind it may come the files of a lease, as comments: `#=NAME`, then each line of it behind `#:`. They are no
# arguments, since those are for everybody on the node to see.
# A lease is a directory PLACE/ID, from before the injection starts until it is proved gone:
#   about        what the console wrote about it, key=value
#   setup, run   its commands: those that run to their end, then one that lasts (may be empty)
#   check, gone  prove that the effect is there, and that nothing is left
#   undo         reverts what ending the processes does not
#   progress     the last report of its programs, one line
#   supervisor   pid and birth of the process that ends the lease at its deadline, whatever becomes of the console
#   duration     seconds
#   born, group  seconds of uptime at the start; the cgroup of its processes, where the node allows one
#   era          the boot in which it was started: process numbers are of one boot only
#   alarm        pid of the process that the supervisor waits for
#   open         allows to start: removed first when the lease is ended, so that nothing starts after that
# What undoes and proves runs with $LEASE, the lease or its copy, and with $RESTARTED, empty if the node has not been since.
#   trouble      why undoing it failed
# A file PLACE/ID bars an injection that was cleared before it arrived; for some time only.

start() { # ID PATIENCE_S LATEST_S DURATION_S: seconds of uptime after which it is too late to begin
    id=$1 patience_s=$2
    find_uptime && [ "$uptime" -le "$3" ] || fail "it was held up on its way, and arrived too late to begin"
    shift 3
    sweep
    choose_base
    arm "$id" "$@"
    begin "$id" || fail_undone "$base/$id" "it cannot be begun: $(said "$base/$id/said")"
    hurry
    why=$(prove "$id" "$patience_s" 2>&1) || fail_undone "$base/$id" "$why"
    # With what it has written down meanwhile of what there was before.
    make_copy "$base/$id"
    # Whoever has ended it meanwhile has not seen that.
    [ -d "$base/$id" ] || remove_copies "$base/$id"
}

fail_undone() { # DIRECTORY WHY
    end "$1" || fail "$2; and it cannot be undone: $(cat "$1/trouble" 2>&1)"
    fail "$2"
}

# How many are undone at the same time, and after how many seconds no more, so that there is an answer in time. How many
# are stopped in one go: not all, since each of their supervisors takes a hand seconds later.
most_at_once=16
clear_s=35
most_in_one_go=50

clear() { # ID...
    sweep
    list
    find_uptime
    give_up_s=$((uptime + clear_s))
    running= undone=
    while [ $# -gt 0 ]; do
        batch=
        taken=0
        while [ $# -gt 0 ] && [ $taken -lt $most_in_one_go ]; do
            case $1 in '' | */* | .*) ;; *) ! find_or_bar "$1" || batch=$batch$directory$newline ;; esac
            taken=$((taken + 1))
            shift
        done
        clear_batch || break
    done
    wait_for_fewer 1
    list but_undone
}

clear_batch() { # those of `batch`, a line each; false where there is no time left for that
    find_uptime && [ "$uptime" -lt $give_up_s ] || return 1
    IFS=$newline
    # shellcheck disable=SC2086 # a directory each
    set -- $batch
    IFS=$usual_ifs
    [ $# -gt 0 ] || return 0
    stop "$@" </dev/null >/dev/null 2>&1
    not_these=$newline$unstopped
    for one; do
        wait_for_fewer $most_at_once || return
        case $not_these in *"$newline$one$newline"*) wake "$one"; continue ;; esac
        (base=${one%/*}; find_spare; undo "$one") </dev/null >/dev/null 2>&1 &
        running="$running $!:${one##*/}"
    done
}

find_or_bar() { # ID: in `directory`; false where there is no such lease
    find_lease "$1" && return
    # Making the file fails where the lease has come first.
    ! (choose_base && set -C && : >"$base/$1") 2>/dev/null || return 1
    find_lease "$1"
}

clear_all() { # [ID]...: these are perhaps still on their way
    found=
    each_lease note_id
    # shellcheck disable=SC2086 # a word each
    clear "$@" $found
}

note_id() { found="$found ${directory##*/}"; }

wait_for_fewer() { # COUNT: than these are being undone; false where there is no time left for that
    until reap && dissolve_undone && [ $count -lt "$1" ]; do
        find_uptime && [ "$uptime" -lt $give_up_s ] || return 1
        nap
    done
}

reap() { # in `count`, how many are still being undone
    going_on=
    count=0
    for each in $running; do
        birth "${each%%:*}"
        if [ -n "$birth" ]; then
            going_on="$going_on $each"
            count=$((count + 1))
        elif wait "${each%%:*}"; then
            undone="$undone ${each#*:}"
        elif find_lease "${each#*:}"; then
            wake "$directory"
        fi
    done
    running=$going_on
}

dissolve_undone() { # those of `undone`
    # shellcheck disable=SC2086 # a word each
    set -- $undone
    undone=
    for id; do
        shift
        ! find_lease "$id" || set -- "$@" "$directory"
    done
    [ $# = 0 ] || dissolve "$@" </dev/null >/dev/null 2>&1 || :
}

wake() { # DIRECTORY: let the supervisor go on trying, instead of at the deadline
    supervised "$1" && find_number "$1/alarm" || return 0
    alarm=$number
    read_stat "/proc/$alarm/stat" || return 0
    # shellcheck disable=SC2086 # a word each
    set -- $stat
    # Another process may have the number by now.
    [ "$2" != "$pid" ] || kill -KILL "$alarm"
}

sweep() { # long after what was barred has failed, and what was being removed should be
    IFS=$newline
    # shellcheck disable=SC2086 # a place each
    set -- $places
    IFS=$usual_ifs
    find "$@" -mindepth 1 -prune -mmin +15 '(' -type f ! -name '.undone-*' -o -name '.ended-*' ')' -exec rm -rf {} + 2>/dev/null
}

given=$base
verb=$2
shift 2
find_era
case $verb in
    supervise | enter) "$verb" "$@" ;;
    start) find_places && start "$@" ;;
    list | clear | clear_all)
        hurry
        find_places
        "$verb" "$@"
        [ "$verb" != list ] || each_lease adopt
        also_as_root "$verb" "$@"
        ;;
    *) fail "$verb is no verb" ;;
esac
