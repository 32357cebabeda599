#!/bin/sh -eu
# Empty a machine of all that is its own, so that an image of it holds nothing to tell or to share. Takes no arguments.

# What the application was told here; instances get their own.
rm -f /etc/flask-app/environment
rm -rf /var/lib/flask-app /var/cache/flask-app-front

# Packages' leftovers.
apt-get clean
rm -rf /var/lib/apt/lists/* /root/.cache /home/*/.cache

# Identity: the next boot is a first one.
cloud-init clean --logs
rm -f /etc/ssh/ssh_host_* /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys
: >/etc/machine-id
if [ ! -L /var/lib/dbus/machine-id ]; then rm -f /var/lib/dbus/machine-id; fi
rm -f /var/lib/systemd/random-seed /var/lib/systemd/credential.secret

# Traces. Logs are emptied and not removed: their owners and modes stay.
journalctl --rotate --quiet || true
rm -rf /var/log/journal/* /run/log/journal/*
find /var/log -type f \( -name '*.gz' -o -name '*.[0-9]' \) -delete
find /var/log -type f -exec truncate --size 0 {} +
rm -f /root/.*_history /home/*/.*_history /root/.wget-hsts /home/*/.sudo_as_admin_successful
rm -rf /root/.ansible /home/*/.ansible

sync
