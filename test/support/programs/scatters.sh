#!/bin/sh
# Starts children in every way in which they get away: in the group, in groups and sessions of their own, with a parent that ends
# at once; half of them ignore SIGTERM.
stubborn='trap "" TERM; while :; do sleep 1000; done'
(setsid sleep 1000 &)
(setsid sh -c "$stubborn" &)
(sleep 1000 &)
(sh -c "$stubborn" &)
set -m
sleep 1000 &
sh -c "$stubborn" &
set +m
sh -c "$stubborn" &
echo scattered
exec sleep 1000
