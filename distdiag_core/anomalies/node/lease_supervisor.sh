# The process that ends a lease at its deadline, whatever becomes of the console. A part of `lease.sh`, which it is sent
# in front of.
#
# The shell ends where it cannot fork, by a limit of processes or for want of memory, which the trouble may have brought
# about. Then its last act makes it the same program again, which takes no process more, and it goes on.

supervise() { # ID SPARE TRIES
    id=$1 spare=$2 tries=$3
    places=$base$newline${spare:+$spare$newline}
    trap revive EXIT
    # Not ignored, for what undoes the trouble may start a program that lives on, and would ignore them for ever.
    trap : HUP INT TERM
    avoid_kill
    find_lease "$id" || leave
    if [ "$tries" = 0 ]; then
        hurry
        write_down
    fi
    wait_for_deadline
    # What has to go first needs no process of its own, and what makes the want may be of it.
    [ "$tries" = 0 ] || ! find_lease "$id" || kill_now "$directory"
    pause_s=1 undone=
    # For ever: as long as the trouble is there, somebody has to try to end it.
    while being_removed || find_lease "$id"; do
        case $directory:$undone in
            */.ended-*) finish_removal ;;
            *:) end "$directory" ;;
            *) dissolve "$directory" ;;
        esac
        case $? in 0) [ -d "$directory" ] || leave ;; 3) undone=yes ;; esac
        pause_s=$((pause_s * 2))
        [ $pause_s -le 30 ] || pause_s=30
        sleep $pause_s
    done
    leave
}

# Nothing that the trouble does to the node may hit the one that ends it. Who may not be spared altogether by the kernel
# is spared as far as it allows, and never less than before.
avoid_kill() {
    { read -r favour </proc/$$/oom_score_adj; } 2>/dev/null || return 0
    wanted=-1000
    until [ "$wanted" -ge "$favour" ] || { echo "$wanted" >/proc/$$/oom_score_adj; } 2>/dev/null; do
        wanted=$((wanted + 100))
    done
}

leave() {
    trap - EXIT
    exit
}

write_down() { # where it can be: in the lease, and in its copy
    birth $$
    for place in "$base" "$spare"; do
        [ -d "$place/$id" ] && { echo "$$ $birth" >"$place/$id/supervisor.new"; } 2>/dev/null || continue
        mv "$place/$id/supervisor.new" "$place/$id/supervisor" 2>/dev/null
    done
}

being_removed() { # in `directory`, what somebody removes, who ends us when that is done
    for directory in "$base/.ended-$id-"*; do
        [ ! -d "$directory" ] || return 0
    done
    return 1
}

finish_removal() { # whoever began it has died at it, if it takes that long
    [ $pause_s -ge 4 ] || return 1
    groups=
    ! first_line "$directory/group" || groups=$line$newline
    remove_groups
    remove_copies "$base/$id"
    remove "$directory"
}

# In short steps by the clock of the node, because `sleep` does not count for how long the node was suspended.
wait_for_deadline() {
    waited_s=0
    until due; do
        (trap '' HUP INT TERM; exec sleep "$step_s") &
        alarm=$!
        { echo $alarm >"$directory/alarm"; } 2>/dev/null
        # Again where a signal has ended the waiting, and not the sleep.
        while kill -0 $alarm 2>/dev/null; do wait $alarm; done
        waited_s=$((waited_s + step_s))
    done
}

due() { # for how long not to look again, in `step_s`
    # Whoever began to end it takes that away.
    find_lease "$id" && [ -e "$directory/open" ] && of_this_era "$directory" || return 0
    find_number "$directory/duration" || return 0
    duration_s=$number
    left_s=$((duration_s - waited_s))
    if find_uptime && find_number "$directory/born" && [ $((number + duration_s - uptime)) -lt $left_s ]; then
        left_s=$((number + duration_s - uptime))
    fi
    step_s=$left_s
    [ $step_s -le 5 ] || step_s=5
    [ $left_s -le 0 ]
}

rest_in_python='
import os, signal, sys, time
for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(each, lambda *_: None)
time.sleep(1)
os.execvp(sys.argv[1], sys.argv[1:])'

revive() {
    export program
    set -- sh -c 'eval "$program"' supervisor "$base" supervise "$id" "$spare" $((tries + 1))
    # Rests for a second without a process more: as another program, or as a shell that can. A new terminal says nothing.
    if command -v perl >/dev/null; then
        exec perl -e '$SIG{HUP} = $SIG{INT} = $SIG{TERM} = sub {}; sleep 1; exec @ARGV' "$@"
    elif { read -r -t 1 _ </dev/null; [ $? -lt 2 ]; } 2>/dev/null; then
        { read -r -t 1 _ </dev/ptmx; } 2>/dev/null
    elif command -v python3 >/dev/null; then
        exec python3 -c "$rest_in_python" "$@"
    else
        find_uptime
        until_s=$((${uptime:-0} + 1))
        while find_uptime && [ "$uptime" -le $until_s ]; do :; done
    fi
    exec "$@"
}
