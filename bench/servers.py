"""The servers that are measured: each starts on a port of its own, and is told what it serves."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server on the loopback address, with a directory of its own."""

    name = ""

    def __init__(self, directory):
        self.directory = Path(directory) / self.name
        self.directory.mkdir(parents=True)
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def ready_path(self):
        raise NotImplementedError

    def start(self):
        """Starts it, and returns after how many seconds it answered."""
        begun = time.monotonic()
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.directory, stdout=log, stderr=log, start_new_session=True
            )
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: see {self.directory}/log")
            try:
                if self.request("GET", self.ready_path())[0] == 200:
                    return time.monotonic() - begun
            except OSError:
                pass
            if time.monotonic() - begun > 120:
                raise RuntimeError(f"{self.name} does not answer: see {self.directory}/log")
            time.sleep(0.02)

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
    """The limit: files by sendfile, and as much as the kernel does."""

    name = "nginx"

    def command(self):
        root = self.directory / "root"
        root.mkdir(exist_ok=True)
        (root / "ready").write_text("ready")
        configuration = self.directory / "nginx.conf"
        configuration.write_text(
            f"""
worker_processes auto;
worker_rlimit_nofile 65536;
daemon off;
pid {self.directory}/pid;
error_log {self.directory}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  default_type application/json;
  client_body_temp_path {self.directory}/body;
  proxy_temp_path {self.directory}/proxy;
  fastcgi_temp_path {self.directory}/fastcgi;
  uwsgi_temp_path {self.directory}/uwsgi;
  scgi_temp_path {self.directory}/scgi;
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    root {root};
  }}
}}
"""
        )
        program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        return [program, "-c", str(configuration), "-p", str(self.directory), "-e", "error.log"]

    def ready_path(self):
        return "/ready"

    def put(self, path, content):
        """Serves these bytes, or that file, under the path."""
        target = self.directory / "root" / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, target)
        else:
            target.write_bytes(content)


class Distribution(Server):
    """The registry of CNCF Distribution, which speaks V2."""

    name = "distribution"

    def command(self):
        configuration = self.directory / "config.yml"
        configuration.write_text(
            f"""
version: 0.1
log: {{ level: error, accesslog: {{ disabled: true }} }}
storage:
  filesystem: {{ rootdirectory: {self.directory}/store, maxthreads: 1000 }}
  cache: {{ blobdescriptor: inmemory }}
http: {{ addr: "127.0.0.1:{self.port}" }}
"""
        )
        tools = Path(os.environ["BENCH_TOOLS"])
        return [str(tools / "usr/bin/docker-registry"), "serve", str(configuration)]

    def ready_path(self):
        return "/v2/"

    def begin_upload(self):
        answered, _ = self.expect(202, "POST", "/v2/bench/blobs/uploads/")
        return answered["Location"].split(f":{self.port}", 1)[1]

    def push_blob(self, path, digest):
        location = self.begin_upload()
        with open(path, "rb") as body:
            self.expect(
                201,
                "PUT",
                f"{location}&digest={digest}",
                body,
                {"Content-Length": str(path.stat().st_size)},
            )
        return f"/v2/bench/blobs/{digest}"


class Registry(Server):
    """This registry."""

    name = "registry"

    def __init__(self, directory, jar, java="java", options=()):
        super().__init__(directory)
        self.jar = jar
        self.java = java
        self.options = list(options)

    def command(self):
        return [
            self.java,
            *self.options,
            "-jar",
            str(self.jar),
            f"--server.port={self.port}",
            "--server.address=127.0.0.1",
            f"--registry.storage.local.path={self.directory}/store",
            "--registry.contents.diff-after-push=false",
        ]

    def ready_path(self):
        return "/actuator/health/readiness"

    def push_image(self, image, tag=None):
        base = f"/v1/images/{image.id}"
        self.expect(200, "PUT", base + "/json", image.json)
        with open(image.path, "rb") as body:
            self.expect(
                200, "PUT", base + "/layer", body, {"Content-Length": str(image.path.stat().st_size)}
            )
        headers = {"X-Docker-Checksum-Payload": image.checksum(), "Content-Length": "0"}
        self.expect(200, "PUT", base + "/checksum", b"", headers)
        if tag:
            self.expect(200, "PUT", tag, f'"{image.id}"')
        return base
