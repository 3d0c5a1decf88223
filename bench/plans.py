"""How much is measured: in the short version as much as says something, in the full one all."""

from dataclasses import dataclass

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
GB = 10**9

SIZES = {"1 KiB": KIB, "1 MiB": MIB, "64 MiB": 64 * MIB, "1 GiB": GIB}


@dataclass(frozen=True)
class Plan:
    """Seconds are those of one measurement, of which each server gets one in each round."""

    name: str
    rounds: int
    seconds: int
    warm_up: int
    read_sizes: tuple
    connections: tuple
    write_sizes: tuple
    uploaded: int
    warm_pushes: int
    pushes: int
    served: tuple
    readers: int
    uploaders: int
    slow_seconds: int
    starts: int
    repositories: tuple


SHORT = Plan(
    name="short",
    rounds=2,
    seconds=2,
    warm_up=7,
    read_sizes=("1 KiB", "1 MiB", "64 MiB"),
    connections=(1, 16),
    write_sizes=("1 MiB", "64 MiB"),
    uploaded=64 * MIB,
    warm_pushes=1,
    pushes=1,
    served=(1 * GB, 5 * GB),
    readers=1000,
    uploaders=200,
    slow_seconds=3,
    starts=1,
    repositories=(1_000, 10_000),
)
FULL = Plan(
    name="full",
    rounds=3,
    seconds=3,
    warm_up=25,
    read_sizes=("1 KiB", "1 MiB", "64 MiB", "1 GiB"),
    connections=(1, 16, 256),
    write_sizes=("1 MiB", "64 MiB", "1 GiB"),
    uploaded=256 * MIB,
    warm_pushes=12,
    pushes=3,
    served=(1 * GB, 10 * GB, 25 * GB, 50 * GB),
    readers=1000,
    uploaders=200,
    slow_seconds=10,
    starts=3,
    repositories=(1_000, 100_000),
)
