"""What the servers are given: layers of random bytes, and chains of images."""

import hashlib
import json
import os


class Layer:
    """A file of random bytes."""

    def __init__(self, path, size):
        self.path = path
        self.size = size
        digest = hashlib.sha256()
        with open(path, "wb") as out:
            left = size
            while left > 0:
                part = os.urandom(min(left, 1 << 20))
                digest.update(part)
                out.write(part)
                left -= len(part)
        self.digest = "sha256:" + digest.hexdigest()


class Image:
    """A layer with a description, as V1 has it."""

    def __init__(self, name, layer, parent=None):
        self.id = hashlib.sha256(name.encode()).hexdigest()
        self.path = layer.path
        self.ancestry = [self.id] + (parent.ancestry if parent else [])
        description = {"id": self.id, "os": "linux", "config": {"Cmd": ["/bin/sh"], "Env": ["A=B"] * 20}}
        if parent:
            description["parent"] = parent.id
        self.json = json.dumps(description).encode()

    def checksum(self):
        digest = hashlib.sha256(self.json + b"\n")
        with open(self.path, "rb") as body:
            while part := body.read(1 << 20):
                digest.update(part)
        return "sha256:" + digest.hexdigest()
