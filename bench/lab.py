"""The servers and the data that measures share, each made when it is asked for first."""

import re
import statistics
import subprocess
from functools import cached_property

import load
from data import Layer, chain
from plans import SIZES
from servers import Distribution, Nginx, Registry


class Lab:
    def __init__(self, plan, work, jar, java):
        self.plan = plan
        self.work = work
        self.jar = jar
        self.java = java
        self.running = []
        self.layers = {}

    def close(self):
        for server in self.running:
            server.stop()

    def started(self, server):
        """The server, which is stopped at the end of the run at the latest."""
        self.running.append(server)
        server.start()
        return server

    def layer(self, size):
        """A layer of the size with that name."""
        if size not in self.layers:
            path = self.work / f"layer-{size.replace(' ', '-')}"
            self.layers[size] = Layer(path, SIZES[size])
        return self.layers[size]

    @cached_property
    def nginx(self):
        return self.started(Nginx(self.work))

    @cached_property
    def distribution(self):
        return self.started(Distribution(self.work))

    @cached_property
    def registry(self):
        """The registry, with its code compiled as after a while of service."""
        registry = self.started(Registry(self.work, self.jar, self.java))
        top = chain("warm-up", [self.layer("1 KiB")] * 3)
        for image in top.chain():
            registry.push(image)
        registry.expect(200, "PUT", "/v1/repositories/bench/warm-up/tags/v1", f'"{top.id}"')
        base = f"/v1/images/{top.id}"
        for path in ("/v1/repositories/bench/warm-up/tags/v1", base + "/json", base + "/layer"):
            load.read(registry, path, 16, self.plan.warm_up)
        return registry

    def in_turn(self, measures):
        """Each of the measures in each round, in the other order each time, and of each number the
        median."""
        names = list(measures)
        found = {name: [] for name in names}
        for number in range(self.plan.rounds):
            for name in names if number % 2 == 0 else reversed(names):
                found[name].append(measures[name]())
        return {name: medians(runs) for name, runs in found.items()}


def medians(runs):
    """Of each number that the runs have found, the median."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def java_version(java):
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    return re.search(r'version "([^"]+)"', said).group(1)


def say(text):
    print("  " + text, flush=True)
