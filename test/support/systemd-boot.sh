#!/bin/sh
# Boots Debian's systemd as pid 1 of namespaces of its own, on a copy of this machine that nobody else sees: everything
# it writes goes to KEEP, or is gone with it. Run by test/support/systemd.ts, twice: as "outside", then as "inside".
#   systemd-boot.sh outside|inside KEEP NAME [FOLDER...]
# KEEP: a tmpfs; what /etc, /var and the like become is kept there from boot to boot. NAME: of its control groups.
# FOLDER: is there under the same path, or as FOLDER:PATH under another, and shared with this machine.
set -eu
side=$1 keep=$2 name=$3

if [ "$side" = outside ]; then
  # Control groups of its own: two systemds in one would take each other's for theirs.
  while IFS=: read -r _ names path; do
    case $names in
    "") found=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup2 .*/\1/p' /proc/self/mounts | head -n 1) ;;
    name=systemd | memory | pids | cpu | cpu,cpuacct) found=/sys/fs/cgroup/${names#name=} ;;
    *) continue ;;
    esac
    [ -d "$found" ] || continue
    case $path in /) path= ;; esac
    mkdir -p "$found$path/$name" && echo $$ >"$found$path/$name/cgroup.procs"
  done </proc/self/cgroup
  shift
  exec unshare --pid --fork --kill-child --mount --propagation private --uts --ipc --cgroup sh "$0" inside "$@"
fi

shift 3
# What is shared is under /tmp mostly: hold on to it until /tmp is another.
mkdir -p "$keep/shared"
number=0
for folder in "$@"; do
  mkdir -p "$keep/shared/$number"
  mount --rbind "${folder%%:*}" "$keep/shared/$number"
  number=$((number + 1))
done

for folder in etc var usr/local opt srv home root; do
  [ -d "/$folder" ] || continue
  mkdir -p "$keep/upper/$folder" "$keep/work/$folder"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$keep/upper/$folder,workdir=$keep/work/$folder" "/$folder"
done

mount -t proc proc /proc
# What belongs to the whole machine can be read only: kernel settings, devices.
mount --bind /proc/sys /proc/sys
mount -o remount,ro,bind /proc/sys
# Each boot is another, as on any machine.
cat /proc/sys/kernel/random/uuid >"$keep/boot_id"
mount --bind "$keep/boot_id" /proc/sys/kernel/random/boot_id
fresh="$keep/dev"
mkdir -p "$fresh"
mount -t tmpfs -o mode=755 tmpfs "$fresh"
for device in null zero full random urandom tty; do
  touch "$fresh/$device"
  mount --bind "/dev/$device" "$fresh/$device"
done
mkdir "$fresh/pts" "$fresh/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$fresh/pts"
mount -t tmpfs tmpfs "$fresh/shm"
ln -s pts/ptmx "$fresh/ptmx"
for link in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -s "/proc/self/${link#*:}" "$fresh/${link%%:*}"; done
mount --move "$fresh" /dev

unified=no
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] && unified=yes
umount -R -l /sys/fs/cgroup
mount -t sysfs sysfs /sys 2>/dev/null || true
if [ "$unified" = yes ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
else
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  mkdir /sys/fs/cgroup/systemd /sys/fs/cgroup/unified
  mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
  mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
  for controller in memory pids cpu; do
    mkdir "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" || rmdir "/sys/fs/cgroup/$controller"
  done
fi
mount -o remount,ro,bind /sys

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$keep/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$keep/tmp"
number=0
for folder in "$@"; do
  place=${folder#*:}
  case $place in /tmp/*) place=$keep$place ;; esac
  mkdir -p "$place"
  mount --rbind "$keep/shared/$number" "$place"
  number=$((number + 1))
done
first=no
[ -e "$keep/booted" ] || first=yes
touch "$keep/booted"
mount --move "$keep/tmp" /tmp

if [ "$first" = yes ]; then
  # Whatever this machine starts at boot is no concern of a test.
  rm -rf /etc/systemd/system /etc/systemd/user /var/log/journal
  mkdir -p /etc/systemd/system /etc/systemd/user /var/log/journal
  for unit in getty.target systemd-udevd.service systemd-udev-trigger.service systemd-sysctl.service \
    systemd-modules-load.service systemd-binfmt.service systemd-random-seed.service systemd-tmpfiles-clean.timer \
    systemd-tmpfiles-setup-dev.service kmod-static-nodes.service proc-sys-fs-binfmt_misc.automount \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-firstboot.service \
    systemd-journald-audit.socket dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount \
    sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount systemd-repart.service \
    systemd-remount-fs.service systemd-pstore.service; do
    ln -s /dev/null "/etc/systemd/system/$unit"
  done
  echo tcs-test >/etc/hostname
  : >/etc/fstab
fi
exec env -i container=tcs-test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  /usr/lib/systemd/systemd --system --unit=multi-user.target --show-status=no
