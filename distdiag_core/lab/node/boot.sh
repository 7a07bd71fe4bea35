#!/bin/sh
# The init of a node: starts what a host starts, and reaps the orphans. The node ends with it.
set -eu
/usr/local/bin/start-observer
# A server that was stopped stays stopped: an experiment that ends it must not be undone behind its back.
/usr/sbin/sshd -D -e &
# Nor does the node end with it.
while :; do
    sleep infinity &
    wait "$!" || :
done
