# What all parts of `lease.sh` need; the first of them. Nothing here starts a process where a shell can do without.
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
base=${1:-}
mark=DISTDIAG_LEASE
usual_ifs=$IFS
undone_ids=
# Files of this size and more are not read: a line for each.
oversized=

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

nap() { sleep 0.05 2>/dev/null || sleep 1; }

# In `uptime`, seconds since the start of the node, also those for which it was suspended; false where it does not say.
find_uptime() {
    uptime=
    { read -r uptime _ </proc/uptime; } 2>/dev/null
    uptime=${uptime%%.*}
    is_number "$uptime"
}

is_number() { # TEXT
    case $1 in '' | *[!0-9]* | ????????????????*) return 1 ;; esac
}

# In `number`, the one in FILE without zeros in front, which would make it octal; false where there is none.
find_number() { # FILE
    first_line "$1" && is_number "$line" || return 1
    number=$line
    while case $number in 0?*) true ;; *) false ;; esac do number=${number#0}; done
}

# On a node that the trouble keeps busy our few processes must not wait in line. Never before the trouble itself is
# started, which would inherit it.
hurry() { renice -n -10 -p $$ >/dev/null 2>&1 || :; }

# The first line of FILE, in `line`.
first_line() { # FILE
    line=
    [ -f "$1" ] && [ -s "$1" ] || return 1
    case $oversized in *"$1$newline"*) return 1 ;; esac
    { read -r line <"$1"; } 2>/dev/null || [ -n "$line" ]
}

# Its start time, in `birth`, tells a process from a later one with the same number; empty where it does not live.
birth() { # PID
    birth=
    read_stat "/proc/$1/stat" || return 1
    # shellcheck disable=SC2086 # a word each
    set -- $stat
    case $1 in [ZX]) ;; *) birth=${20} ;; esac
}

# In `stat`, the words behind the name of the program, which may contain anything, line ends too; false where there is none.
read_stat() { # FILE
    stat=
    { while read -r part; do stat="$stat $part"; done <"$1"; } 2>/dev/null
    stat=${stat##*) }
    [ -n "$stat" ]
}

# The era, in `era`. A container's restart leaves the kernel's boot as it is, but not the first process.
find_era() {
    boot=
    { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
    birth 1
    era="$boot $birth"
    [ "$era" != " " ] || fail "/proc does not say since when the node runs"
}

of_this_era() { first_line "$1/era" && [ "$line" = "$era" ]; } # DIRECTORY

of_another_era() { first_line "$1/era" && [ "$line" != "$era" ]; } # DIRECTORY

# The process that is written down in the lease or in its copy, in `pid`.
supervised() { # DIRECTORY
    supervised_by "$1" || { find_copy "$1" && supervised_by "$copy"; }
}

supervised_by() { # DIRECTORY
    of_this_era "$1" && first_line "$1/supervisor" || return 1
    pid=${line%% *}
    is_number "$pid" && birth "$pid" && [ -n "$birth" ] && [ "$birth" = "${line##* }" ]
}
