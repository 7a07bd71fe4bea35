# Sourced by build.sh: the engine of OceanBase on a node.

# The interpreter may live where only root can go (such as below /root); the observer is not root.
mount_engine() {
    mkdir -p "$root/opt/observer/python" "$root/opt/observer/site"
    mount -o bind,ro "$PYTHON" "$root/opt/observer/python"
    mount -o bind,ro "$SITE" "$root/opt/observer/site"
}

install_engine() {
    install -m 755 "$FILES/observer.py" "$root/opt/observer/"
    ln -s "python/bin/$INTERPRETER" "$root/opt/observer/interpreter"
    install -m 755 "$FILES/start-observer" "$root/usr/local/bin/start-observer"
}
