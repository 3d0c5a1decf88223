"""What the servers are given: layers of random bytes, images of them, and stores full of those."""

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
    """A layer with its description, as V1 has it."""

    def __init__(self, name, layer, parent=None):
        self.id = hashlib.sha256(name.encode()).hexdigest()
        self.layer = layer
        self.parent = parent
        self.ancestry = [self.id] + (parent.ancestry if parent else [])
        description = {
            "id": self.id,
            "created": "2014-11-05T00:00:00Z",
            "os": "linux",
            "config": {"Cmd": ["/bin/sh"], "Env": ["NAME=value"] * 20},
        }
        if parent:
            description["parent"] = parent.id
        self.json = json.dumps(description).encode()

    def chain(self):
        """The image and those below it, the base first."""
        return (self.parent.chain() if self.parent else []) + [self]

    def checksum(self):
        digest = hashlib.sha256(self.json + b"\n")
        with open(self.layer.path, "rb") as body:
            while part := body.read(1 << 20):
                digest.update(part)
        return "sha256:" + digest.hexdigest()


def chain(name, layers):
    """The top of a chain of images, one for each layer."""
    top = None
    for number, layer in enumerate(layers):
        top = Image(f"{name} {number}", layer, top)
    return top


def write_images(store, top):
    """Writes images into a store as the registry keeps them."""
    for image in top.chain():
        folder = store / "images" / image.id
        folder.mkdir(parents=True)
        (folder / "json").write_bytes(image.json)
        (folder / "ancestry").write_text(json.dumps(image.ancestry))
        (folder / "_checksum").write_text(json.dumps([image.checksum()]))
        (folder / "layer").write_bytes(image.layer.path.read_bytes())


def write_repositories(store, count, image):
    """Writes repositories r0, r1 and so on, of one tag each."""
    listed = json.dumps([{"id": image.id}])
    for number in range(count):
        folder = store / "repositories" / "bench" / f"r{number}"
        folder.mkdir(parents=True)
        (folder / "_index_images").write_text(listed)
        (folder / "tag_latest").write_text(image.id)


def write_tags(store, name, count, image):
    """Writes a repository of so many tags."""
    folder = store / "repositories" / "bench" / name
    folder.mkdir(parents=True)
    (folder / "_index_images").write_text(json.dumps([{"id": image.id}]))
    for number in range(count):
        (folder / f"tag_v{number}").write_text(image.id)
