#!/bin/sh
# Installs FER Desktop from the folder of this file, for one user or for all:
#     ./install.sh               into ~/.local
#     sudo ./install.sh /usr/local
#     ./install.sh --uninstall   likewise, also with a folder
set -eu

action=install
if [ "${1-}" = --uninstall ]; then
    action=uninstall
    shift
fi
prefix=${1-$HOME/.local}
here=$(dirname "$(readlink -f "$0")")

remove() {
    rm -rf "$prefix/lib/fer-desktop"
    (cd "$here" && find bin share -type f -o -type l) | while read -r file; do rm -f "$prefix/$file"; done
    (cd "$here" && find bin share -depth -type d) | while read -r folder; do
        rmdir "$prefix/$folder" 2>/dev/null || true # it may contain files of others
    done
}

remove
if [ "$action" = uninstall ]; then
    echo "FER Desktop was removed from $prefix. Your settings are still in ~/.local/share/fer-desktop."
    exit
fi

mkdir -p "$prefix"
cp -a "$here/bin" "$here/lib" "$here/share" "$prefix"
if "$prefix/bin/fer-desktop" --self-test >/dev/null; then
    echo "FER Desktop is installed. Start it from the menu, or as $prefix/bin/fer-desktop."
else
    echo "FER Desktop is installed in $prefix but does not run here; the lines above say what is missing." >&2
    exit 1
fi
