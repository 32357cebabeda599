#!/bin/sh
# Put version $1 of two packages into a repository on this machine.
set -eu
repository=/opt/repository
mkdir -p "$repository"
for name in probe-a probe-b; do
  tree=$(mktemp -d)
  mkdir "$tree/DEBIAN"
  chmod 755 "$tree"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: tests\nDescription: something to upgrade\n' \
    "$name" "$1" >"$tree/DEBIAN/control"
  if [ "$name-$1" = probe-a-2.0 ]; then
    printf '#!/bin/sh\ntouch /run/reboot-required\necho probe-a >>/run/reboot-required.pkgs\n' >"$tree/DEBIAN/postinst"
    chmod 755 "$tree/DEBIAN/postinst"
  fi
  dpkg-deb --build --root-owner-group "$tree" "$repository/${name}_$1.deb" >/dev/null
  rm -r "$tree"
done
cd "$repository"
: >Packages
for file in *.deb; do
  {
    dpkg-deb --field "$file"
    echo "Filename: ./$file"
    echo "Size: $(stat --format %s "$file")"
    echo "SHA256: $(sha256sum "$file" | cut --delimiter ' ' --fields 1)"
    echo
  } >>Packages
done
echo "deb [trusted=yes] file:$repository ./" >/etc/apt/sources.list.d/probe.list
