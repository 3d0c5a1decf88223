"""Two replicas behind nginx, on one store and one Redis, against one."""

from data import chain
from load import read
from report import milliseconds, ratio, table
from servers import Balancer, Redis, Registry

TITLE = "Replicas"
GOAL = """\
Replicas with the profile `redis`, on one store and one Redis, behind nginx; lookups of a tag, 32 connections. Each replica
is held to one processor, so that a second one can add something; nginx, Redis and `wrk` take their part of the same two.
Goal: two answer more than one, and no request costs the replicas more."""


def measure(lab):
    redis = lab.started(Redis(lab.work))
    replicas = [replica(lab, number, redis) for number in range(2)]
    top = chain("replicas", [lab.layer("1 KiB")])
    path = "/v1/repositories/bench/replicas/tags/v1"
    replicas[0].push(top)
    replicas[0].expect(200, "PUT", path, f'"{top.id}"')
    balancers = {
        "one replica": lab.started(Balancer(lab.work, replicas[:1], "one replica")),
        "two replicas": lab.started(Balancer(lab.work, replicas, "two replicas")),
    }
    for each in replicas:
        read(each, path, 16, lab.plan.warm_up)
    found = lab.in_turn(
        {
            name: lambda balancer=balancer: through(lab, balancer, replicas, path)
            for name, balancer in balancers.items()
        }
    )
    for server in [*balancers.values(), *replicas, redis]:
        server.stop()
    return found


def replica(lab, number, redis):
    settings = [
        "--spring.profiles.active=redis",
        "--spring.data.redis.host=127.0.0.1",
        f"--spring.data.redis.port={redis.port}",
    ]
    return lab.started(
        Registry(
            lab.work,
            lab.jar,
            lab.java,
            name=f"replica-{number}",
            settings=settings,
            store=lab.work / "shared-store",
            processor=number,
        )
    )


def through(lab, balancer, replicas, path):
    cpu = sum(each.cpu_seconds() for each in replicas)
    found = read(balancer, path, 32, lab.plan.seconds)
    cpu = sum(each.cpu_seconds() for each in replicas) - cpu
    return {**found, "replicas_micros": cpu / found["requests"] / lab.plan.seconds * 1e6}


def report(found):
    one = found["one replica"]
    return table(
        "What | Requests /s | / one | 99 % in | CPU of the replicas for each, µs",
        [
            [
                name,
                f"{each['requests']:,.0f}",
                f"**{ratio(each['requests'], one['requests'])}**",
                milliseconds(each["p99"]),
                f"{each['replicas_micros']:.0f}",
            ]
            for name, each in found.items()
        ],
    )
