# Prints how much memory this process could still take, in KiB: what the host has, or less where a cgroup allows less.

# Of what a cgroup has used, the cache of files can be taken back.
room() { # LIMIT_FILE USED_FILE STAT_FILE
    read -r limit 2>/dev/null <"$1" && read -r used 2>/dev/null <"$2" || return 0
    case $limit in max) return 0 ;; esac
    cache=$(awk '$1 == "inactive_file" || $1 == "active_file" { bytes += $2 } END { printf "%d", bytes }' "$3")
    echo $(((limit - used + cache) / 1024))
}

rooms() {
    awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo
    unified=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    memory=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
    # A group is bound by those above it, too.
    path=$(sed -n 's/^0:://p' /proc/self/cgroup)/
    while [ -n "$unified" ] && [ -n "$path" ]; do
        path=${path%/*}
        room "$unified$path/memory.max" "$unified$path/memory.current" "$unified$path/memory.stat"
    done
    path=$(awk -F: '$2 ~ /(^|,)memory(,|$)/ { print $3 }' /proc/self/cgroup)/
    while [ -n "$memory" ] && [ -n "$path" ]; do
        path=${path%/*}
        room "$memory$path/memory.limit_in_bytes" "$memory$path/memory.usage_in_bytes" "$memory$path/memory.stat"
    done
}

rooms | sort -n | head -n 1
