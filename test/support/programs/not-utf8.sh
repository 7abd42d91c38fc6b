#!/bin/sh
# Latin-1, a NUL, a torn character, and no newline at the end.
printf 'caf\351\n\000\377\nend \303'
