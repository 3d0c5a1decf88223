"""GET of layers, against nginx, which is the limit, and blobs of Distribution."""

from data import Image
from lab import say
from load import read
from report import mib, ratio, table

TITLE = "GET of layers"
GOAL = """\
nginx sends files by `sendfile`, and is taken as the limit; Distribution sends a blob. On one machine `wrk` takes its part
of the processors, and the throughput tells of it as much as of the server; the processor time per GB tells of the server
alone. Goal: from 1 MiB on at least 0.95 of nginx's throughput with at most 1.5 of its processor time, and at all sizes
more than Distribution."""


def measure(lab):
    servers = {"nginx": lab.nginx, "registry": lab.registry, "Distribution": lab.distribution}
    rows = []
    for size in lab.plan.read_sizes:
        layer = lab.layer(size)
        lab.nginx.put(f"/layer/{layer.size}", layer.path)
        paths = {
            "nginx": f"/layer/{layer.size}",
            "registry": lab.registry.push(Image(f"layer of {size}", layer)) + "/layer",
            "Distribution": lab.distribution.push_blob(layer),
        }
        # An answer of 1 GiB takes longer than a connection.
        for keep_alive in (True, False) if size != "1 GiB" else (True,):
            for connections in lab.plan.connections:
                say(f"{size}, {connections} connections, {'' if keep_alive else 'not '}kept alive")
                found = lab.in_turn(
                    {
                        name: lambda name=name, server=server: read(
                            server, paths[name], connections, lab.plan.seconds, keep_alive
                        )
                        for name, server in servers.items()
                    }
                )
                row = {"size": size, "connections": connections, "keep_alive": keep_alive}
                rows.append({**row, "found": found})
    return rows


def report(rows):
    lines = []
    for row in rows:
        nginx, ours, theirs = (row["found"][each] for each in ("nginx", "registry", "Distribution"))
        lines.append(
            [
                row["size"],
                row["connections"],
                "yes" if row["keep_alive"] else "no",
                mib(nginx["bytes"]),
                mib(ours["bytes"]),
                mib(theirs["bytes"]),
                f"**{ratio(ours['bytes'], nginx['bytes'])}**",
                f"**{ratio(ours['bytes'], theirs['bytes'])}**",
                *(f"{each['cpu_per_gb']:.2f}" for each in (nginx, ours, theirs)),
                f"**{ratio(ours['cpu_per_gb'], nginx['cpu_per_gb'])}**",
            ]
        )
    return table(
        "Layer | Connections | Kept alive | nginx MiB/s | registry MiB/s | Distribution MiB/s"
        " | registry / nginx | registry / Distribution"
        " | nginx CPU s/GB | registry CPU s/GB | Distribution CPU s/GB | CPU registry / nginx",
        lines,
    )
