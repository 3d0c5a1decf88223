"""Whether a request costs more the more there is."""

from data import chain, write_images, write_repositories, write_tags
from lab import say
from load import read
from report import ratio, table
from servers import Registry

TITLE = "Growth"
GOAL = """\
16 connections, kept alive. A pull is five requests, for a repository that is drawn each time. Of 1,000 repositories all are
remembered, of 100,000 most are read from the store. Processor time of the registry; for lists, also for each entry; of a
start, the time until it is ready. Goal: what a pull costs does not grow with the number of repositories beyond what it costs to read
one from the store, and a list costs not more than in proportion to what it returns."""

TAGS = (100, 10_000)
DEPTHS = (1, 127)


def measure(lab):
    layer = lab.layer("1 KiB")
    rows = []
    for repositories in lab.plan.repositories:
        say(f"{repositories} repositories")
        directory = lab.work / f"growth-{repositories}"
        top = chain("growth", [layer] * DEPTHS[-1])
        write_images(directory / "store", top)
        write_repositories(directory / "store", repositories, top)
        for tags in TAGS:
            write_tags(directory / "store", f"t{tags}", tags, top)
        registry = Registry(directory, lab.jar, lab.java, store=directory / "store")
        lab.running.append(registry)
        started = registry.start()
        pull(lab, registry, repositories, top, lab.plan.warm_up)
        found = pull(lab, registry, repositories, top, lab.plan.seconds * 2)
        rows.append(row("pull", repositories, "repositories", 1, 5000 * found["cpu_per_1000"]))
        rows.append(row("start", repositories, "repositories", 1, started * 1e6))
        if repositories == lab.plan.repositories[0]:
            rows += lists(lab, registry, top)
        registry.stop()
    return rows


def pull(lab, registry, repositories, top, seconds):
    return read(
        registry, "/", 16, seconds, script="pull.lua", arguments=[repositories, top.id]
    )


def lists(lab, registry, top):
    rows = []
    for tags in TAGS:
        say(f"list of {tags} tags")
        path = f"/v1/repositories/bench/t{tags}/tags"
        rows.append(row("tag list", tags, "tags", tags, micros(lab, registry, path)))
    for depth in DEPTHS:
        say(f"ancestry of {depth}")
        path = f"/v1/images/{top.ancestry[-depth]}/ancestry"
        rows.append(row("ancestry", depth, "images", depth, micros(lab, registry, path)))
    return rows


def micros(lab, registry, path):
    read(registry, path, 16, lab.plan.warm_up)
    return read(registry, path, 16, lab.plan.seconds)["cpu_per_1000"] * 1000


def row(what, count, of, returned, micros):
    return {"what": what, "count": count, "of": of, "returned": returned, "micros": micros}


def report(rows):
    rows = sorted(rows, key=lambda each: each["what"])
    lines = []
    first = {}
    for each in rows:
        base = first.setdefault(each["what"], each)
        lines.append(
            [
                each["what"],
                f"{each['count']:,} {each['of']}",
                f"{each['micros']:,.0f}",
                f"**{ratio(each['micros'], base['micros'])}**",
                f"{each['micros'] / each['returned']:,.2f}" if each["returned"] > 1 else "",
            ]
        )
    return table("What | Of | µs | / the first | µs for each entry", lines)
