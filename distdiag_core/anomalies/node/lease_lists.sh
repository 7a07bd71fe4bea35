# What a node says about its leases. A part of `lease.sh`, which it is sent in front of.
#
# One lease costs no process, so that a busy node and one with many of them answer in time.

# What is read of a file: more than a line that anybody wrote on purpose.
most_kib=64

each_lease() { # FUNCTION: with `directory` set, once for every lease, whatever there is of it
    seen=' '
    IFS=$newline
    for place in $places; do
        IFS=$usual_ifs
        for directory in "$place"/*/; do
            directory=${directory%/}
            # Gone between being found and being read, or a copy of what was found in a place further in front.
            [ -d "$directory" ] || continue
            case $seen in *" ${directory##*/} "*) continue ;; esac
            seen="$seen${directory##*/} "
            "$1"
        done
    done
    IFS=$usual_ifs
}

look_at_sizes() {
    IFS=$newline
    # shellcheck disable=SC2086 # a place each
    set -- $places
    IFS=$usual_ifs
    oversized=$(find "$@" -type f -size +${most_kib}k 2>/dev/null)$newline
}

list() { # [but_undone]
    look_at_sizes
    find_uptime || fail "the node does not say for how long it runs"
    each_lease "report_${1:-all}"
    printf 'uptime_s=%s\n.\n' "$uptime"
}

report_all() { report "$directory"; }

report_but_undone() { was_undone "${directory##*/}" || report "$directory"; }

report() { # DIRECTORY
    about=
    # Also where it is cut off in the middle of a line.
    if [ -f "$1/about" ] && ! is_oversized "$1/about"; then
        { while read -r line || [ -n "$line" ]; do
            case $line in anomaly=* | severity=* | node=* | owner=* | way=*) about=$about$line$newline ;; esac
        done <"$1/about"; } 2>/dev/null
    fi
    age_s=0
    # In another era its seconds were others.
    ! find_number "$1/born" || [ "$number" -gt "$uptime" ] || age_s=$((uptime - number))
    number=0
    find_number "$1/duration" || number=0
    remaining_s=$((number - age_s))
    supervised=no
    if supervised "$1"; then supervised=yes; elif [ "$age_s" -lt 10 ] && is_being_armed "$1"; then supervised=arming; fi
    progress=
    ! first_line "$1/progress" || progress="progress=$line$newline"
    find_trouble "$1"
    [ -d "$1" ] || return 0
    printf '%sid=%s\nage_s=%s\nremaining_s=%s\nsupervised=%s\n%s%s\n' "$about" "${1##*/}" "$age_s" "$remaining_s" \
        "$supervised" "$progress" "${trouble:+trouble=$trouble$newline}"
}

# It has no supervisor yet, which takes a busy node some time. The era is the first that is written and its birth the
# last; where that is missing, how long it has stood still says whether anybody still writes.
is_being_armed() { # DIRECTORY
    [ ! -e "$1/supervisor" ] || return 1
    if [ -e "$1/born" ]; then
        of_this_era "$1"
    elif of_this_era "$1"; then
        [ -n "$(find "$1" -prune -mmin -1 2>/dev/null)" ]
    else
        [ -n "$(find "$1" -prune -empty -mmin -1 2>/dev/null)" ]
    fi
}

is_oversized() { case $oversized in *"$1$newline"*) return 0 ;; *) return 1 ;; esac; } # FILE

find_trouble() { # DIRECTORY: in `trouble`, what keeps it from ending as it should
    trouble=
    find_copy "$1"
    for file in "$1/trouble" "${copy:-$1}/trouble"; do
        if first_line "$file"; then trouble=$line; fi
    done
    if was_undone "${1##*/}"; then
        trouble="it was undone, and that is proved, but its record $1 cannot be removed"
    elif [ -n "$trouble" ]; then
        return
    elif of_another_era "$1"; then
        trouble='the node was restarted since; what that left of it is now taken back'
    elif [ ! -r "$1" ] || [ ! -x "$1" ]; then
        trouble="its record $1 cannot be read"
    elif ! find_number "$1/born" || ! find_number "$1/duration"; then
        # While it is being armed it has neither, and nothing has begun.
        ! was_begun "$1" || trouble="its record $1 is damaged"
    elif read_only "$1"; then
        trouble="its record $1 cannot be written any more"
    fi
}

# What is to have ended by now and has nobody who ends it, as after a restart of the node, gets somebody at the next
# contact.
adopt() {
    ! supervised "$directory" || return 0
    [ -s "$directory/undo" ] && [ -s "$directory/gone" ] && ! was_undone "${directory##*/}" || return 0
    if of_this_era "$directory"; then
        find_number "$directory/born" && age_s=$((uptime - number)) && find_number "$directory/duration" || return 0
        [ $age_s -gt $((number + 10)) ] || return 0
    fi
    (
        base=${directory%/*}
        find_spare
        # It has to be seen that somebody does, or there would be one more at each contact.
        can_write "$directory" || make_copy "$directory" || exit
        export program
        exec setsid sh -c 'eval "$program"' supervisor "$base" supervise "${directory##*/}" "$spare" 0
    ) </dev/null >/dev/null 2>&1 &
}

also_as_root() { # VERB ...: what this account began by sudo lies with root's leases
    [ "$uid" != 0 ] && [ -z "$given" ] || return 0
    # Where root never had any, nobody is asked.
    found=
    for place in /var/lib/distdiag /run/distdiag /dev/shm/distdiag-0 /tmp/distdiag-0; do
        [ ! -d "$place" ] || found="$found $place"
    done
    [ -n "$found" ] || return 0
    ! printf '%s\n' "$program" | sudo -n sh -c 'program=$(cat); eval "$program"' distdiag-lease '' "$@" 2>/dev/null || return 0
    # We may not look into it, but a directory with two links has none in it.
    # shellcheck disable=SC2086 # a place each
    [ -n "$(find $found -prune ! -links 2 2>/dev/null)" ] || return 0
    said=$(sudo -n true 2>&1 >/dev/null | tail -n 1)
    printf 'unasked=%s\n' "${said:-sudo is refused}"
}
