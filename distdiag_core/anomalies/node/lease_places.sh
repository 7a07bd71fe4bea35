# Where leases lie. A part of `lease.sh`, which it is sent in front of.
#
# A lease lies in the first place that can be written, the more lasting ones first. A copy of it lies in another place, on
# tmpfs where there is one, made before the trouble begins: where the first can be written or found no more, because the
# trouble or anything else took it away, it is undone and proved from there. All places are looked at, always.
#   PLACE/ID            a lease, or its copy; what lies in a place further in front is the lease
#   PLACE/.undone-ID    it was undone and proved gone in the era that this says, but its record could not be removed

newline='
'

find_places() { # in `places`, a line each, those that are there or may be made
    uid=$(id -u)
    key=
    # Of a given directory, which is nobody else's.
    [ -z "$given" ] || key=-$(printf %s "$given" | cksum | tr -s ' \t' -)
    if [ -n "$given" ]; then
        places=$given
    elif [ "$uid" = 0 ]; then
        places=/var/lib/distdiag$newline/run/distdiag
    else
        # It may be shared by many nodes.
        host=
        read -r host 2>/dev/null </proc/sys/kernel/hostname
        places=
        for state in "${XDG_STATE_HOME:-}" "${HOME:-}/.local/state"; do
            case $state in /?*) places=$places$state/distdiag/${host:-node}$newline ;; esac
        done
    fi
    places=$places$newline/dev/shm/distdiag-$uid$key$newline/tmp/distdiag-$uid$key
    believe_only_ours
}

believe_only_ours() { # what another account put into a directory of everybody is not ours to believe
    IFS=$newline
    # shellcheck disable=SC2086 # a place each
    set -- $places
    IFS=$usual_ifs
    ours=$newline$(find "$@" -prune -type d -user "$uid" -perm 700 2>/dev/null)$newline
    places=
    for place; do
        case $place in
            /var/lib/distdiag | /run/distdiag) ;;
            *) is_ours "$place" || continue ;;
        esac
        places=$places$place$newline
    done
}

is_ours() { # PLACE: also where it is not there
    case $ours in *"$newline$1$newline"*) return 0 ;; esac
    [ -e "$1" ] || [ -L "$1" ] || return 0
    # It may have been made since.
    [ -z "$(find "$1" -prune -type d -user "$uid" -perm 700 2>/dev/null)" ] || return 0
    [ "$1" != "$given" ] && [ -z "$(find "$1" -prune -user "$uid" 2>/dev/null)" ] ||
        fail "$1 is not a directory that only user $uid can use"
    return 1
}

choose_base() { # in `base`, the first place that can be written
    base=
    IFS=$newline
    for place in $places; do
        IFS=$usual_ifs
        if [ -z "$base" ]; then ! can_hold "$place" || base=$place; fi
    done
    [ -n "$base" ] || fail "no directory of leases can be written: $(printf '%s' "$places" | tr '\n' ' ')"
    find_spare
}

find_spare() { # in `spare`, a place beside `base` for copies
    spare=
    IFS=$newline
    for place in $places; do
        IFS=$usual_ifs
        case $place in "$base") ;; /dev/shm/* | /tmp/*) [ ! -d "${place%/*}" ] || { spare=$place; return; } ;; esac
    done
    IFS=$usual_ifs
}

can_hold() { # PLACE
    { [ -d "$1" ] || mkdir -p "$1" 2>/dev/null; } && can_write "$1"
}

can_write() { # DIRECTORY: also where the disk is full, and a file can be made that takes nothing in
    written=true
    { echo yes >"$1/.probe-$$"; } 2>/dev/null || written=false
    [ ! -e "$1/.probe-$$" ] || rm -f "$1/.probe-$$"
    $written
}

read_only() { # DIRECTORY of a lease; without changing anything
    for file in born about; do
        [ ! -f "$1/$file" ] || { { true >>"$1/$file"; } 2>/dev/null && return 1; return 0; }
    done
    [ ! -w "$1" ]
}

# In `copy`, what there is of the same lease in another place than this one; false where nothing is.
find_copy() { # DIRECTORY
    IFS=$newline
    for place in $places; do
        IFS=$usual_ifs
        copy=$place/${1##*/}
        [ "$copy" = "$1" ] || [ ! -d "$copy" ] || return 0
    done
    IFS=$usual_ifs
    copy=
    return 1
}

make_copy() { # DIRECTORY: in `copy`, empty where there can be none; a new one, or what is new
    if ! find_copy "$1"; then
        copy=${spare:+$spare/${1##*/}}
        [ "$copy" != "$1" ] && [ -n "$copy" ] && mkdir -p "$copy" 2>/dev/null || { copy=; return 1; }
    fi
    cp -R "$1/." "$copy/" 2>/dev/null
}

# In `directory`, where the lease lies, or its copy where that is all there is; false where nothing is.
find_lease() { # ID
    IFS=$newline
    for place in $places; do
        IFS=$usual_ifs
        directory=$place/$1
        [ ! -d "$directory" ] || return 0
    done
    IFS=$usual_ifs
    return 1
}

note_undone() { # ID: where anything can be written
    IFS=$newline
    for place in $places; do
        IFS=$usual_ifs
        if [ -d "$place" ] && { echo "$era" >"$place/.undone-$1"; } 2>/dev/null; then return; fi
    done
    IFS=$usual_ifs
}

was_undone() { # ID
    case " $undone_ids " in *" $1 "*) return 0 ;; esac
    IFS=$newline
    for place in $places; do
        IFS=$usual_ifs
        if first_line "$place/.undone-$1" && [ "$line" = "$era" ]; then return 0; fi
    done
    IFS=$usual_ifs
    return 1
}

remove_copies() { # DIRECTORY...
    for directory; do
        shift
        IFS=$newline
        for place in $places; do
            IFS=$usual_ifs
            copy=$place/${directory##*/}
            [ "$copy" = "$directory" ] || [ ! -d "$copy" ] || set -- "$@" "$copy"
        done
        IFS=$usual_ifs
    done
    [ $# = 0 ] || rm -rf "$@" 2>/dev/null
}

remove() { # PLACE/.ended-ID-PID...: what is left of leases, and notes on them
    for ended; do
        ended=${ended##*/.ended-}
        IFS=$newline
        for place in $places; do
            IFS=$usual_ifs
            [ ! -e "$place/.undone-${ended%-*}" ] || set -- "$@" "$place/.undone-${ended%-*}"
        done
        IFS=$usual_ifs
    done
    [ $# = 0 ] || rm -rf "$@" 2>/dev/null
    set --
    IFS=$newline
    for place in $places; do
        IFS=$usual_ifs
        case $place in /dev/shm/* | /tmp/*) [ ! -d "$place" ] || set -- "$@" "$place" ;; esac
    done
    IFS=$usual_ifs
    [ $# = 0 ] || rmdir "$@" 2>/dev/null
}
