"""What a student does in a hosted lab: a server, and notebooks beside it. Prints what it found, as JSON.

How it is called: binder/start python session.py PREFIX FOLDER NOTEBOOK ...
"""

import json
import os
import resource
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nest_lab


def listening():
    """Addresses and ports at which processes of this container listen, as Linux writes them."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:] if Path(table).is_file() else ():
            _, local, _, state, *_ = line.split()
            if state == "0A":
                found.add(tuple(local.split(":")))
    return found


def reaches_the_network():
    """Whether a packet would leave this machine; the address is one of those that nobody has (RFC 5737)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            any_socket.connect(("192.0.2.1", 9))
        except OSError:
            return False
        return True


def where_it_leads(port, prefix):
    """The page that the server shows first."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    for _ in range(600):
        try:
            urllib.request.build_opener(Stay).open(f"http://127.0.0.1:{port}{prefix}")
        except urllib.error.HTTPError as answer:
            return answer.headers["Location"]
        except OSError:
            time.sleep(0.1)
    return "no answer"


def main(prefix, folder, *notebooks):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before = listening()
    command = ["jupyter", "lab", "--no-browser", f"--port={port}", "--IdentityProvider.token="]
    command += [f"--ServerApp.base_url={prefix}", *(["--allow-root"] if os.geteuid() == 0 else [])]
    with open(Path(folder, "server.log"), "w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        first_page = where_it_leads(port, prefix)
        addresses = sorted(
            {address for address, its_port in listening() - before if int(its_port, 16) == port}
        )
        run = ["jupyter", "execute", "--timeout=300", *notebooks]
        done = subprocess.run(run, cwd=folder, capture_output=True, text=True)
    finally:
        server.terminate()
        server.wait()
    found = {
        "package": str(Path(nest_lab.__file__).parent),
        "threads": nest_lab.models.kernel_build()["threads"],
        "memory": nest_lab.models.kernel_build()["memory"],
        "threads of libraries": os.environ.get("OMP_NUM_THREADS"),
        "memory in the status bar": os.environ.get("MEM_LIMIT"),
        "memory of a process": resource.getrlimit(resource.RLIMIT_DATA)[0],
        "network": reaches_the_network(),
        "listens at": addresses,
        "first page": first_page,
        "server": Path(folder, "server.log").read_text(),
        "notebooks": done.returncode,
        "said": done.stderr,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
