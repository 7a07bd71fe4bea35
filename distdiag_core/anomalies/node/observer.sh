# The observer of this node, kept from running and let run again. It is the one process that listens on the SQL port.
#
#   hang PORT, down PORT         keep it stopped, or killed; go on until this is ended
#   resume, up PORT COMMAND      let it run, or start it by COMMAND and wait for it: the last lease on it that ends does
#   hangs, is_down PORT          prove the one and the other
#   resumed, is_up PORT          prove that it is so no more, or that another lease keeps it so
#
# $LEASE/hang and $LEASE/down say that the lease keeps it so, $LEASE/hung and $LEASE/downed that it did; those of a
# hang with the process and its birth, those of a killed one with its niceness and its favour with the out-of-memory killer.
# A restart of the node ends both: whatever starts the observer then is the node's own. $RESTARTED says that there was one.
set -u

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

restarted() { [ -n "${RESTARTED:-}" ]; }

birth() { # PID: what tells it from a later process with the same number
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 !~ /[ZX]/ { print $20 }'
}

sockets() { # PORT: those that listen on it
    awk -v port="$(printf %04X "$1")" '
        $4 == "0A" && substr($2, length($2) - 3) == port { print "socket:[" $10 "]" }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# PORT; also where this lease never killed it, or another one keeps it down
is_up() { restarted || [ ! -e "$LEASE/downed" ] || anybody_else down || [ -n "$(sockets "$1")" ]; }

is_down() { [ -e "$LEASE/down" ] && [ -z "$(sockets "$1")" ]; } # PORT

find_observer() { # PORT: in `observer`; false where it is not one process that this account can see
    # shellcheck disable=SC2046,SC2116 # in one line
    observer=$(ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v wanted=" $(echo $(sockets "$1")) " '
        /^\/proc\// { split($0, part, "/"); pid = part[3] }
        $NF ~ /^socket:/ && index(wanted, " " $NF " ") { print pid }' | sort -nu)
    case $observer in '' | *[!0-9]*) return 1 ;; esac
}

anybody_else() { # FILE: another lease keeps the same observer so
    for other in "${LEASE%/*}"/*/"$1"; do
        [ "$other" = "$LEASE/$1" ] || [ ! -e "$other" ] || return 0
    done
    return 1
}

hang() { # PORT
    find_observer "$1" || fail "not one process that we can see listens on port $1:" $observer
    born=$(birth "$observer")
    echo "$observer $born" >"$LEASE/hang.new" && mv "$LEASE/hang.new" "$LEASE/hang" || exit 1
    # Again and again, because somebody else may let it run.
    while [ "$(birth "$observer")" = "$born" ]; do
        kill -STOP "$observer" || exit 1
        sleep 1
    done
}

state() { # FILE: of the process that it names, in `state`; empty where that is gone
    state=
    observer=
    read -r observer born 2>/dev/null <"$1" || return 0
    [ "$(birth "$observer")" != "$born" ] || state=$(sed 's/.*) //; s/ .*//' "/proc/$observer/stat")
}

hangs() {
    state "$LEASE/hang"
    [ "$state" = T ]
}

resume() {
    ! restarted || return 0
    [ ! -e "$LEASE/hang" ] || mv "$LEASE/hang" "$LEASE/hung" || exit 1
    state "$LEASE/hung"
    [ -z "$state" ] || anybody_else hang || kill -CONT "$observer"
}

resumed() {
    ! restarted || return 0
    state "$LEASE/hung"
    [ "$state" != T ] || anybody_else hang
}

down() { # PORT
    if find_observer "$1"; then
        # As urgent as it was, and as unlikely to be killed for want of memory, it is to be when it is started again.
        standing="$(sed 's/.*) //' "/proc/$observer/stat" | cut -d ' ' -f 17) $(cat "/proc/$observer/oom_score_adj")"
    else
        anybody_else down || fail "not one process that we can see listens on port $1:" $observer
        standing=$(cat "$other")
    fi
    echo "$standing" >"$LEASE/down.new" && mv "$LEASE/down.new" "$LEASE/down" || exit 1
    # Again and again, because somebody may start it.
    while :; do
        if ! is_down "$1" && find_observer "$1"; then
            kill -KILL "$observer"
            # Nor is it on its way any more.
            rm -f "${LEASE%/*}/.starting-$1"
        fi
        sleep 1
    done
}

uptime_s() {
    read -r up _ </proc/uptime
    echo "${up%%.*}"
}

up() { # PORT COMMAND
    ! restarted || return 0
    [ ! -e "$LEASE/down" ] || mv "$LEASE/down" "$LEASE/downed" || exit 1
    until_s=$(($(uptime_s) + 25))
    starting=${LEASE%/*}/.starting-$1
    starter=
    is_up "$1" || start "$2"
    until is_up "$1"; do
        if [ -e "$LEASE/refused" ]; then
            rm -f "$starting" "$LEASE/refused"
            fail "the observer cannot be started: $2"
        fi
        [ "$(uptime_s)" -le $until_s ] || fail "the observer was started, but does not listen on port $1 yet"
        sleep 0.2 2>/dev/null || sleep 1
    done
    rm -f "$starting"
    [ -z "$starter" ] || kill "$starter" 2>/dev/null || :
}

start() { # COMMAND: unless it is on its way already
    read -r since 2>/dev/null <"$starting" || since=0
    age=$(($(uptime_s) - since))
    [ $age -ge 0 ] && [ $age -lt 300 ] || rm -f "$starting"
    (set -C && uptime_s >"$starting") 2>/dev/null || return 0
    # It must not inherit the standing of whoever ends a lease, who is urgent and must not die.
    read -r niceness favour <"$LEASE/downed"
    renice "$niceness" -p $$ >/dev/null 2>&1
    { echo "$favour" >/proc/$$/oom_score_adj; } 2>/dev/null
    # In a session of its own, because ours ends with the lease; not waited for, because it may be the observer itself.
    (env -u LEASE setsid sh -c "$1" </dev/null || : >"$LEASE/refused") &
    starter=$!
}

"$@"
