# Sourced by build.sh: MariaDB with Galera on a node.

mount_engine() {
    mkdir -p "$root/opt/observer/programs"
    mount -o bind,ro "$PROGRAMS" "$root/opt/observer/programs"
    # The others get all of it from the first node when they join.
    [ -z "$BOOTSTRAP" ] || [ -e "$disk/data/observer/grastate.dat" ] || first_state
}

# An interrupted copy begins anew: only a server that has run leaves grastate.dat.
first_state() {
    rm -rf "$disk/data/observer"
    cp -r "$FIRST_STATE" "$disk/data/observer"
    chown -R "$OBSERVER_ID:$OBSERVER_ID" "$disk/data/observer"
    chmod 750 "$disk/data/observer"
}

install_engine() {
    peers=$(printf '%b' "$HOSTS" | while read -r address _; do printf '%s,' "$address"; done)
    printf 'node=%s\naddress=%s\npeers=%s\nlibraries=%s\n' "$NODE" "$ADDRESS" "${peers%,}" "$LIBRARIES" >"$root/opt/observer/node"
    install -m 755 "$FILES/galera-server" "$root/opt/observer/"
    install -m 755 "$FILES/start-galera" "$root/usr/local/bin/start-observer"
    [ -z "$BOOTSTRAP" ] || : >"$root/run/bootstrap"
}
