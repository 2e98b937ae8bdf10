"""A container like those of a hosted lab, made of what every Linux has; run inside of new namespaces.

    unshare --map-root-user --mount --net python container.py PACKAGE CGROUP COMMAND ...

The folder PACKAGE cannot be written, the files in CGROUP are the container's limits, there is no network but
the loopback, and COMMAND takes the place of this process.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys

SET_FLAGS, UP_AND_RUNNING = 0x8914, 0x41  # SIOCSIFFLAGS; IFF_UP | IFF_RUNNING


def main(package, cgroup, *command):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP_AND_RUNNING))
    for arguments in (
        ["--bind", package, package],
        ["--options", "remount,bind,ro", package],
        ["--bind", cgroup, "/sys/fs/cgroup"],
    ):
        subprocess.run(["mount", *arguments], check=True)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
