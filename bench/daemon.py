"""A daemon as the benches start it, with what it counts and what the system counts of it."""
import http.client
import pathlib

from client import Server, free_port


def family(root):
    """Ids of a process and its descendants, and what each is called."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        name = stat[stat.index("(") + 1:stat.rindex(")")]
        found[int(entry.name)] = (name, int(stat[stat.rindex(")") + 2:].split()[1]))
    pids = [root]
    for ancestor in pids:
        pids += [pid for pid, (_, parent) in found.items() if parent == ancestor]
    return {pid: found[pid][0] for pid in pids if pid in found}


def processor_s(root):
    """Seconds that a server, and that its workers have had a processor."""
    of = {"server": 0.0, "workers": 0.0}
    for pid, name in family(root).items():
        taken = int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
        of["workers" if name.startswith("MefWorker-") else "server"] += taken
    return of


class Daemon(Server):
    """mef3d for a folder, with /metrics."""

    def __init__(self, build, folder, *flags):
        self.http = free_port()
        super().__init__([f"{build}/mef3d", str(folder), "--http", f"127.0.0.1:{self.http}",
                          *flags])

    def counters(self):
        """Name and labels, as /metrics spells them -> number."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in lines}

    def processes(self):
        return family(self.process.pid)

    def workers(self):
        return [pid for pid, name in self.processes().items() if name.startswith("MefWorker-")]

    def read_bytes(self):
        """What its workers got from read, pread and the like until now (no sockets)."""
        n = 0
        for pid in self.workers():
            fields = pathlib.Path(f"/proc/{pid}/io").read_text().split()
            n += int(fields[fields.index("rchar:") + 1])
        return n
