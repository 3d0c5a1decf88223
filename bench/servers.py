"""The servers that are measured: each on a port of its own, with a directory of its own."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server on the loopback address."""

    name = ""

    def __init__(self, directory, name=""):
        self.name = name or self.name
        self.directory = Path(directory) / self.name.replace(" ", "-")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def start(self):
        """Starts it, and returns after how many seconds it was ready."""
        begun = time.monotonic()
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.directory, stdout=log, stderr=log, start_new_session=True
            )
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended:\n{self.last_words()}")
            try:
                if self.is_ready():
                    return time.monotonic() - begun
            except OSError:
                pass
            if time.monotonic() - begun > 120:
                raise RuntimeError(f"{self.name} does not answer:\n{self.last_words()}")
            time.sleep(0.02)

    def last_words(self):
        return "\n".join((self.directory / "log").read_text().splitlines()[-20:])

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def expect(self, status, method, path, body=None, headers=None):
        found, answered, text = self.request(method, path, body, headers)
        if found != status:
            raise RuntimeError(f"{self.name}: {method} {path} answered {found}: {text[:200]}")
        return answered, text

    def begin_upload(self):
        """The path to send a blob to, over V2."""
        answered, _ = self.expect(202, "POST", "/v2/bench/image/blobs/uploads/")
        return answered["Location"].split(f":{self.port}", 1)[-1]

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def pids(self):
        """The process and those that it has started."""
        found = [self.process.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            found += [int(child) for child in children.read_text().split()]
        return found

    def cpu_seconds(self):
        ticks = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        total = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
        return total / 1024


class Nginx(Server):
    """The limit: files by sendfile, in as many processes as there are processors."""

    name = "nginx"

    def command(self):
        root = self.directory / "root"
        root.mkdir(exist_ok=True)
        (root / "ready").write_text("ready")
        (self.directory / "nginx.conf").write_text(self.configuration(root))
        program = shutil.which("nginx")
        return [program, "-c", "nginx.conf", "-p", str(self.directory), "-e", "error.log"]

    def configuration(self, root):
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(
            f"  {kind}_temp_path {self.directory}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        return f"""
{user}
worker_processes auto;
worker_rlimit_nofile 65536;
daemon off;
pid nginx.pid;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  default_type application/json;
{temporary}{self.sites(root)}
}}
"""

    def sites(self, root):
        return f"server {{ listen 127.0.0.1:{self.port} backlog=4096; root {root}; }}"

    def is_ready(self):
        return self.request("GET", "/ready")[0] == 200

    def put(self, path, content):
        """Serves these bytes, or that file, under the path."""
        target = self.directory / "root" / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, target)
        else:
            target.write_bytes(content)


class Balancer(Nginx):
    """nginx in front of replicas."""

    name = "balancer"

    def __init__(self, directory, replicas, name=""):
        super().__init__(directory, name)
        self.replicas = replicas

    def sites(self, root):
        upstream = "".join(f"server 127.0.0.1:{each.port};" for each in self.replicas)
        return f"""
  upstream replicas {{ {upstream} keepalive 64; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location = /ready {{ root {root}; }}
    location / {{
      proxy_pass http://replicas;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }}
  }}"""


class Redis(Server):
    """Redis, which keeps nothing on disk."""

    name = "redis"

    def command(self):
        return [
            *(shutil.which("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no"),
        ]

    def is_ready(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")


class Distribution(Server):
    """The registry of CNCF Distribution, which speaks V2."""

    name = "Distribution"

    def command(self):
        (self.directory / "config.yml").write_text(
            f"""
version: 0.1
log: {{ level: error, accesslog: {{ disabled: true }} }}
storage:
  filesystem: {{ rootdirectory: {self.directory}/store, maxthreads: 1000 }}
  cache: {{ blobdescriptor: inmemory }}
http: {{ addr: "127.0.0.1:{self.port}" }}
"""
        )
        program = Path(os.environ["BENCH_TOOLS"]) / "usr/bin/docker-registry"
        return [str(program), "serve", "config.yml"]

    def is_ready(self):
        return self.request("GET", "/v2/")[0] == 200

    def push_blob(self, layer):
        """The path of a blob that it has now."""
        location = self.begin_upload()
        with open(layer.path, "rb") as body:
            headers = {"Content-Length": str(layer.size)}
            self.expect(201, "PUT", f"{location}&digest={layer.digest}", body, headers)
        return f"/v2/bench/image/blobs/{layer.digest}"

    def push_manifest(self, tag, layers):
        """The path of a manifest of these layers, which it has; the first one is the config, too."""
        manifest = manifest_of(layers)
        headers = {"Content-Type": MANIFEST}
        self.expect(201, "PUT", f"/v2/bench/image/manifests/{tag}", manifest, headers)
        return f"/v2/bench/image/manifests/{tag}"


def manifest_of(layers):
    """A manifest; its first layer is its config, too."""
    media = "application/vnd.docker."
    parts = [{"digest": each.digest, "size": each.size} for each in layers]
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": media + "container.image.v1+json", **parts[0]},
            "layers": [{"mediaType": media + "image.rootfs.diff.tar.gzip", **each} for each in parts],
        }
    ).encode()


class Registry(Server):
    """This registry, as it is by default."""

    name = "registry"

    def __init__(
        self, directory, jar, java, name="", options=(), settings=(), store=None, processor=None
    ):
        super().__init__(directory, name)
        self.store = store or self.directory / "store"
        self.jar = jar
        self.java = java
        self.options = list(options)
        self.settings = list(settings)
        self.held = [] if processor is None else ["taskset", "--cpu-list", str(processor)]

    def command(self):
        return [*self.held, self.java, *self.options, "-jar", str(self.jar), *self.arguments()]

    def arguments(self):
        return [
            f"--server.port={self.port}",
            "--server.address=127.0.0.1",
            f"--registry.storage.local.path={self.store}",
            # All clients have one address.
            "--registry.limits.concurrency.share=100",
            *self.settings,
        ]

    def is_ready(self):
        return self.request("GET", "/actuator/health/readiness")[0] == 200

    def heap_mib(self):
        """What lives in the heap, after a collection."""
        program = str(Path(shutil.which(self.java)).resolve().parent / "jcmd")
        pid = str(self.process.pid)
        for _ in range(2):
            subprocess.run([program, pid, "GC.run"], check=True, capture_output=True)
        said = subprocess.run(
            [program, pid, "GC.heap_info"], check=True, capture_output=True, text=True
        ).stdout
        used = next(line for line in said.splitlines() if " used " in line)
        return int(used.split(" used ")[1].split("K")[0]) / 1024

    def push(self, image):
        """Pushes one image, and tells its path."""
        base = f"/v1/images/{image.id}"
        self.expect(200, "PUT", base + "/json", image.json)
        with open(image.layer.path, "rb") as body:
            headers = {"Content-Length": str(image.layer.size)}
            self.expect(200, "PUT", base + "/layer", body, headers)
        headers = {"X-Docker-Checksum-Payload": image.checksum(), "Content-Length": "0"}
        self.expect(200, "PUT", base + "/checksum", b"", headers)
        return base
