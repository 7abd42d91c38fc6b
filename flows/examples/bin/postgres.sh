#!/bin/sh
# PostgreSQL for the examples, from Debian's package, in a folder of its own:
#   postgres.sh init FOLDER               makes the database folder, once
#   postgres.sh run FOLDER PORT           is the server, in the foreground
#   postgres.sh databases PORT NAME...    waits for the server, and makes databases that are not there yet
set -eu

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
  fi
  exec "$@"
}

case $1 in
  init)
    [ ! -e "$2/PG_VERSION" ] || exit 0
    mkdir -p "$2"
    [ "$(id -u)" != 0 ] || chown postgres: "$2"
    as_postgres "$bin/initdb" --pgdata="$2" --username=postgres --auth=trust --no-sync
    ;;
  run)
    as_postgres "$bin/postgres" -D "$2" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories=
    ;;
  databases)
    port=$2
    shift 2
    until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; do sleep 0.1; done
    for name; do
      found=$("$bin/psql" -h 127.0.0.1 -p "$port" -U postgres -Atc "select 1 from pg_database where datname = '$name'")
      [ "$found" = 1 ] || "$bin/createdb" -h 127.0.0.1 -p "$port" -U postgres "$name"
      echo "database $name is there"
    done
    ;;
  *)
    echo "postgres.sh: init, run or databases, not $1" >&2
    exit 64
    ;;
esac
