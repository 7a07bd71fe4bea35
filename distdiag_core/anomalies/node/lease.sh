# Leases on this node: trouble that always ends. The console sends this text, behind that of `lease_processes.sh`, with
# every request; nothing is installed.
#
# Arguments: BASE VERB ...   BASE is the directory of the leases; empty for the usual one. The text itself is in $program.
# Behind it may come the files of a lease, as comments: `#=NAME`, then each line of it behind `#:`. They are no
# arguments, since those are for everybody on the node to see.
# A lease is a directory BASE/ID; it is there before the trouble begins, and goes only when the trouble is proved gone:
#   about        what the console wrote about it, key=value
#   setup, run   the trouble: commands that run to their end, then one that goes on (empty where nothing has to)
#   check, gone  prove that it is there, that it is not
#   undo         takes back what ending the processes does not
#   progress     what the trouble itself has to say, in one line
#   supervisor   pid and birth of the process that ends the lease at its deadline, whatever becomes of the console
#   duration     seconds
#   born, group  seconds of uptime at the start; the cgroup of the trouble's processes, where the node lets us have one
#   era          the life of the system that it was begun in: process numbers mean nothing in another one
#   alarm        pid of what the supervisor waits for until the deadline
#   open         the leave to begin: taken away first when the lease is ended, so that nothing begins after that
# A file BASE/ID bars an injection that was cleared before it had come here; for some time only.
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
base=${1:-}
mark=DISTDIAG_LEASE

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

choose_base() {
    uid=$(id -u)
    if [ -z "$base" ]; then
        base=/tmp/distdiag-$uid
        if [ "$uid" = 0 ]; then
            # Where it outlives a restart of the node, as what the trouble wrote to disks does.
            base=/var/lib/distdiag
            { [ -d "$base" ] || [ "$verb" = list ] || mkdir -p "$base" 2>/dev/null; } && [ -w "$base" ] || base=/run/distdiag
        fi
    fi
    # Whoever only asks leaves the node as it is.
    [ -d "$base" ] || { [ "$verb" != list ] || return 0; mkdir -p "$base"; } || fail "cannot make the directory of leases $base"
    # /tmp is everybody's: what another user put there is not ours to believe.
    [ "$uid" = 0 ] && [ -z "$given" ] || [ -n "$(find "$base" -prune -type d -user "$uid" -perm 700)" ] || fail "$base is not a directory that only user $uid can use"
}

nap() { sleep 0.05 2>/dev/null || sleep 1; }

uptime_s() {
    read -r up _ </proc/uptime
    echo "${up%%.*}"
}

# On a node that the trouble keeps busy our few processes must not wait in line. Never before the trouble itself is
# started, which would inherit it.
hurry() { renice -n -10 -p $$ >/dev/null 2>&1 || :; }

# The first line of FILE, in `line`; without a process, which costs a busy node a lot.
first_line() { # FILE
    line=
    [ -s "$1" ] && read -r line 2>/dev/null <"$1"
}

# Its start time, in `birth`, tells a process from a later one with the same number; empty where it does not live.
birth() { # PID
    birth=
    read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
    # shellcheck disable=SC2086 # a word each
    set -- ${stat##*) }
    case $1 in [ZX]) ;; *) birth=${20} ;; esac
}

# The era, in `era`. A container's restart leaves the kernel's boot as it is, but not the first process.
find_era() {
    boot=
    read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id
    birth 1
    era="$boot $birth"
}

of_this_era() { first_line "$1/era" && [ "$line" = "$era" ]; } # DIRECTORY

supervised() { # DIRECTORY
    of_this_era "$1" || return 1
    read -r pid born 2>/dev/null <"$1/supervisor" || return 1
    birth "$pid"
    [ -n "$born" ] && [ "$birth" = "$born" ]
}

# The life of a lease

arm() { # ID DURATION_S
    directory=$base/$1
    if ! mkdir "$directory" 2>/dev/null; then
        [ ! -f "$directory" ] || fail "it was cleared before it had begun"
        fail "an injection called $1 is there already, or $base cannot be written"
    fi
    write_files "$2" || { rm -rf "$directory"; fail "the lease cannot be written to $directory"; }
    make_group "$directory"
    setsid sh -c "$launch" supervisor "$directory/program" "$base" supervise "$1" </dev/null >/dev/null 2>&1 &
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
    echo "$1" >"$directory/duration" || return 1
    echo "$era" >"$directory/era" && echo yes >"$directory/open" && uptime_s >"$directory/born"
}

# Arguments of a stored program: its file, then its own.
launch='program=$(cat "$1"); shift; eval "$program"'

supervise() { # ID
    # Not ignored, for what undoes the trouble may start a program that lives on, and would ignore them for ever.
    trap : HUP INT TERM
    directory=$base/$1
    # Nothing that the trouble does to the node may hit the one that ends it.
    echo -1000 >/proc/$$/oom_score_adj
    hurry
    birth $$
    echo "$$ $birth" >"$directory/supervisor.new"
    mv "$directory/supervisor.new" "$directory/supervisor"
    first_line "$directory/duration"
    (trap '' HUP INT TERM; exec sleep "$line") &
    echo $! >"$directory/alarm"
    # Again where a signal has ended the waiting, and not the sleep.
    while kill -0 $! 2>/dev/null; do wait $!; done
    pause_s=1
    # For ever: as long as the trouble is there, somebody has to try to end it.
    until end "$directory"; do
        pause_s=$((pause_s * 2))
        [ $pause_s -le 30 ] || pause_s=30
        sleep $pause_s
    done
}

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
    until_s=$(($(uptime_s) + $2))
    until proved "$directory"; do
        [ -e "$directory/open" ] || fail "it was cleared meanwhile"
        ! died "$directory" || fail "it ended at once: $(said "$directory/said")"
        [ "$(uptime_s)" -le $until_s ] || fail "its effect does not show within $2 s: $(said "$directory/said")"
        nap
    done
}

died() { goes_on "$1" && [ -e "$1/begun" ] && ! members "$1"; } # DIRECTORY

proved() { # DIRECTORY
    members "$1" || ! goes_on "$1" || return 1
    # shellcheck disable=SC2086,SC2116 # in one line
    PIDS=$(echo $pids) LEASE=$1 sh -e "$1/check" </dev/null >/dev/null 2>&1
}

# Undoes it and proves that, in a session of its own that kills itself when it takes longer than any does: what hangs
# would keep the supervisor from ever trying again. Its argument is where to write what the undoing says.
take_back='
sleep 300 & alarm=$!
(sh "$LEASE/undo" >"$1" 2>&1; sh -e "$LEASE/gone"; gone=$?; kill -KILL $alarm; exit $gone) &
! wait $alarm || { echo "it hung for 300 s, and was killed" >>"$1"; kill -KILL -$$; }
wait $!'

end() { # DIRECTORY: idempotent, so that a console and the supervisor may both do it, also at the same time
    [ -d "$1" ] || return 0
    rm -f "$1/open"
    # Written last: without it nothing was begun.
    [ -e "$1/born" ] || { dissolve "$1"; return; }
    stop_members "$1" || { trouble "$1" "its processes do not end: ${pids# }"; return 1; }
    # A file of our own, because somebody else may be doing the same.
    if ! LEASE=$1 setsid sh -c "$take_back" undo "$1/said-$$" </dev/null >/dev/null 2>&1; then
        [ -d "$1" ] || return 0
        trouble "$1" "it was undone but is still there: $(said "$1/said-$$")"
        return 1
    fi
    dissolve "$1"
}

trouble() { # DIRECTORY WHY: nothing where somebody else has ended it by now
    [ ! -e "$1/born" ] || printf '%s\n' "$2" 2>/dev/null >"$1/trouble"
}

dissolve() { # DIRECTORY
    # In one move, so that nobody sees half a lease, and of several that end it only one goes on.
    ended=$base/.ended-${1##*/}-$$
    if ! mv "$1" "$ended" 2>/dev/null; then
        [ ! -d "$1" ]
        return
    fi
    ! first_line "$ended/group" || remove_group "$line"
    keeper=
    ! supervised "$ended" || keeper=$pid
    rm -rf "$ended"
    # Last, because it may be us: until here it guards against our being interrupted.
    if [ -n "$keeper" ]; then kill -KILL "-$keeper"; fi
}

remove_group() { # CGROUP: one that came too late to begin may still be leaving it
    rounds=0
    until rmdir "$1" 2>/dev/null || [ ! -d "$1" ] || [ $rounds -ge 20 ]; do nap; rounds=$((rounds + 1)); done
}

# What the console asks

start() { # ID PATIENCE_S LATEST_S DURATION_S: seconds of uptime after which it is too late to begin
    id=$1 patience_s=$2
    [ "$(uptime_s)" -le "$3" ] || fail "it was held up on its way, and arrived too late to begin"
    shift 3
    sweep
    arm "$id" "$@"
    begin "$id" || fail_undone "$base/$id" "it cannot be begun: $(said "$base/$id/said")"
    hurry
    why=$(prove "$id" "$patience_s" 2>&1) || fail_undone "$base/$id" "$why"
}

# The last words of its commands; none any more where somebody has ended it.
said() { tail -n 1 "$1" 2>/dev/null || echo "it was cleared meanwhile"; } # FILE

fail_undone() { # DIRECTORY WHY
    end "$1" || fail "$2; and it cannot be undone: $(cat "$1/trouble" 2>&1)"
    fail "$2"
}

list() {
    for directory in "$base"/*/; do
        directory=${directory%/}
        # Gone between being found and being read.
        [ -d "$directory" ] && report=$(report "$directory") && [ -d "$directory" ] && printf '%s\n\n' "$report"
    done
    read -r up _ </proc/uptime
    printf 'uptime_s=%s\n.\n' "${up%%.*}"
}

report() { # DIRECTORY
    # Also where it is cut off in the middle of a line.
    [ ! -r "$1/about" ] || while read -r line || [ -n "$line" ]; do
        case $line in *=*) printf '%s\n' "$line" ;; esac
    done <"$1/about"
    echo "id=${1##*/}"
    now=$(uptime_s)
    first_line "$1/born"
    age=$((now - ${line:-now}))
    # Begun in an era whose seconds were others.
    [ $age -ge 0 ] || age=0
    first_line "$1/duration"
    echo "age_s=$age"
    echo "remaining_s=$((${line:-0} - age))"
    if supervised "$1"; then echo "supervised=yes"; else echo "supervised=no"; fi
    ! first_line "$1/progress" || printf 'progress=%s\n' "$line"
    if first_line "$1/trouble"; then
        printf 'trouble=%s\n' "$line"
    elif [ -e "$1/born" ] && ! of_this_era "$1"; then
        echo 'trouble=the node was restarted since, so that nothing ends it'
    fi
}

clear() { # ID...
    sweep
    list
    for id; do
        case $id in '' | */* | .*) ;; *) end_or_bar "$base/$id" & ;; esac
    done
    wait
    list
}

clear_all() { # [ID]...: these are perhaps still on their way
    for directory in "$base"/*/; do
        directory=${directory%/}
        [ ! -d "$directory" ] || set -- "$@" "${directory##*/}"
    done
    clear "$@"
}

end_or_bar() { # DIRECTORY
    # Making the file fails where the lease has come first.
    [ -d "$1" ] || ! (set -C && : >"$1") 2>/dev/null || return 0
    end "$1" || wake "$1"
}

wake() { # DIRECTORY: let the supervisor go on trying, instead of at the deadline
    supervised "$1" && first_line "$1/alarm" || return 0
    alarm=$line
    read -r stat 2>/dev/null <"/proc/$alarm/stat" || return 0
    # shellcheck disable=SC2086 # a word each
    set -- ${stat##*) }
    # Another process may have the number by now.
    [ "$2" != "$pid" ] || kill -KILL "$alarm"
}

sweep() { # long after what was barred has failed, and what was being removed should be
    find "$base/." ! -name . -prune -mmin +15 '(' -type f -o -name '.ended-*' ')' -exec rm -rf {} +
}

also_as_root() { # VERB ...: what this account began by sudo lies with root's leases
    [ "$uid" != 0 ] && [ -z "$given" ] || return 0
    # Where root never had any, nobody is asked.
    [ -d /var/lib/distdiag ] || [ -d /run/distdiag ] || return 0
    ! printf '%s\n' "$program" | sudo -n sh -c 'program=$(cat); eval "$program"' distdiag-lease '' "$@" 2>/dev/null || return 0
    # We may not look into it, but a directory with two links has none in it.
    [ -n "$(find /var/lib/distdiag /run/distdiag -prune ! -links 2 2>/dev/null)" ] || return 0
    said=$(sudo -n true 2>&1 >/dev/null | tail -n 1)
    printf 'unasked=%s\n' "${said:-sudo is refused}"
}

given=$base
verb=$2
case $verb in list | clear | clear_all) hurry ;; esac
choose_base
find_era
shift 2
case $verb in
    start | supervise | enter) "$verb" "$@" ;;
    list | clear | clear_all) "$verb" "$@" && also_as_root "$verb" "$@" ;;
    *) fail "$verb is no verb" ;;
esac
