#!/bin/sh
# Leaves a grandchild in its group, prints the grandchild's pid, and ends at once. With "hold" the grandchild keeps the output open.
if [ "$1" = hold ]; then
  sleep 300 &
else
  sleep 300 >/dev/null 2>&1 &
fi
echo $!
