"""GET of small things, against nginx with the same bytes and manifests of Distribution."""

from data import chain
from lab import say
from load import read
from report import milliseconds, ratio, table
from servers import MANIFEST

TITLE = "GET of metadata"
GOAL = """\
16 connections, kept alive. nginx serves the same bytes from a file, Distribution a manifest by its tag. Goal: at least 0.25
of nginx and 8 times Distribution, and 99 of 100 answers in less than 10 ms."""


def measure(lab):
    layer = lab.layer("1 KiB")
    top = chain("metadata", [layer] * 60)
    for image in top.chain():
        lab.registry.push(image)
    repository = "/v1/repositories/bench/metadata"
    for number in range(100):
        lab.registry.expect(200, "PUT", f"{repository}/tags/v{number}", f'"{top.id}"')
    lab.distribution.push_blob(layer)
    manifest = lab.distribution.push_manifest("v7", [layer])
    rows = []
    for what, path in {
        "tag": f"{repository}/tags/v7",
        "list of 100 tags": f"{repository}/tags",
        "ancestry of 60": f"/v1/images/{top.id}/ancestry",
        "image JSON": f"/v1/images/{top.id}/json",
    }.items():
        say(what)
        _, answer = lab.registry.expect(200, "GET", path)
        copied = "/metadata/" + what.replace(" ", "-")
        lab.nginx.put(copied, answer)
        seconds = lab.plan.seconds
        found = lab.in_turn(
            {
                "nginx": lambda: read(lab.nginx, copied, 16, seconds),
                "registry": lambda: read(lab.registry, path, 16, seconds),
                "Distribution": lambda: read(
                    lab.distribution, manifest, 16, seconds, headers=[f"Accept: {MANIFEST}"]
                ),
            }
        )
        rows.append({"what": what, "bytes": len(answer), "found": found})
    return rows


def report(rows):
    lines = []
    for row in rows:
        nginx, ours, theirs = (row["found"][each] for each in ("nginx", "registry", "Distribution"))
        lines.append(
            [
                row["what"],
                f"{row['bytes']:,}",
                *(f"{each['requests']:,.0f}" for each in (nginx, ours, theirs)),
                f"**{ratio(ours['requests'], nginx['requests'])}**",
                f"**{ratio(ours['requests'], theirs['requests'])}**",
                *(milliseconds(each["p99"]) for each in (nginx, ours, theirs)),
                *(f"{each['cpu_per_1000'] * 1000:.0f}" for each in (nginx, ours, theirs)),
            ]
        )
    return table(
        "What | Bytes | nginx /s | registry /s | Distribution /s"
        " | registry / nginx | registry / Distribution"
        " | nginx 99 % in | registry 99 % in | Distribution 99 % in"
        " | nginx CPU µs | registry CPU µs | Distribution CPU µs",
        lines,
    )
