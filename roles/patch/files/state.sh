#!/bin/sh -eu
# Tell what is installed, what is held back, and why this machine wants to be rebooted. Changes nothing.
dpkg-query --show --showformat '${db:Status-Abbrev} package ${binary:Package} ${Version}\n' |
  sed -n 's/^.i. *package /package /p'
apt-mark showhold | sed 's/^/held /'
if [ -e /run/reboot-required ]; then
  echo "reboot $(cat /run/reboot-required.pkgs 2>/dev/null | sort -u | tr '\n' ' ')asked for it"
fi
newest=$(find /boot -maxdepth 1 -name 'vmlinuz-*' -size +0 2>/dev/null | sort -V | tail -n 1)
if [ -n "$newest" ] && [ "${newest#/boot/vmlinuz-}" != "$(uname -r)" ]; then
  echo "reboot the kernel ${newest#/boot/vmlinuz-} is installed and $(uname -r) runs"
fi
