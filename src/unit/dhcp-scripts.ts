/**
 * The shell code around the host's dhcp clients: they need only what every machine with such a client has, a shell and `ip`. `RIND_DNS` holds the
 * name servers that units declare: then a lease names none.
 */

/** Called by udhcpc when something has become of its lease, with the lease in its environment. */
const SCRIPT = `#!/bin/sh
# Made by Rind. udhcpc calls this when something has become of its lease.
PATH="$PATH:/usr/sbin:/sbin:/usr/bin:/bin"
command -v ip >/dev/null || ip() { busybox ip "$@"; }
case "$1" in
deconfig)
  ip -4 addr flush dev "$interface"
  ip link set dev "$interface" up
  ;;
bound | renew)
  case "$(ip -4 addr show dev "$interface")" in
  *" $ip/$mask "*) ;;
  *)
    ip -4 addr flush dev "$interface"
    ip -4 addr add "$ip/$mask" broadcast + dev "$interface" || exit 1
    ;;
  esac
  for router in $router; do
    # of several interfaces each has a default route, that of the first one goes first
    link=$(ip link show dev "$interface")
    metric=$((1000 + \${link%%:*}))
    [ "$mask" = 32 ] && ip -4 route replace "$router" dev "$interface"
    ip -4 route replace default via "$router" dev "$interface" metric "$metric"
    break
  done
  if [ -n "$dns" ] && [ -z "$RIND_DNS" ]; then
    file=/etc/resolv.conf
    read -r first <"$file" 2>/dev/null
    case "$first" in
    "# made by Rind"*) ;;
    *) [ -e "$file" ] && cp "$file" "$file.before-rind" && echo "$file was replaced; what it held is in $file.before-rind" ;;
    esac
    {
      echo "# made by Rind: the name servers of $interface"
      [ -n "$domain" ] && echo "search $domain"
      for server in $dns; do echo "nameserver $server"; done
    } >"$file.rind" && mv "$file.rind" "$file"
  fi
  echo "$interface has $ip/$mask"
  ;;
esac
`;

export const UDHCPC = {
  script: SCRIPT,
  /** Words: the script, then the command. */
  start: `set -e
umask 022
mkdir -p /run/rind
own=/run/rind/udhcpc-script.$$
printf %s "$1" >"$own"
chmod 755 "$own"
mv "$own" /run/rind/udhcpc-script
shift
exec "$@" -s /run/rind/udhcpc-script`,
};

export const DHCLIENT = {
  /** Words: the client, then the interface. */
  start: `set -e
umask 022
mkdir -p /run/rind
conf=/run/rind/dhclient-$2.conf
{
  if [ -e /etc/dhcp/dhclient.conf ]; then echo 'include "/etc/dhcp/dhclient.conf";'; fi
  if [ -n "$RIND_DNS" ]; then echo "supersede domain-name-servers $(echo "$RIND_DNS" | sed 's/  */, /g');"; fi
} >"$conf.$$"
mv "$conf.$$" "$conf"
exec "$1" -4 -d -cf "$conf" -pf "/run/rind/dhclient-$2.pid" "$2"`,
};
