"""A computer for set-up to run on, made of a folder: which programs it has, and what its network is like."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

TOOLS = (
    *("sh", "awk", "cat", "cksum", "cp", "dirname", "env", "ln", "make", "mkdir", "printenv", "rm", "sed", "touch"),
    *("tr", "uname"),
)
"""The programs of every system that set-up and make call."""
NOWHERE = "http://127.0.0.1:9"
"""Loopback's discard port: refused at once."""
NETWORK = ("SSL_", "PIP_", "REQUESTS_CA", "CURL_CA", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
"""How names of variables begin that say how this computer reaches a package index."""


def link_tools(folder: Path) -> Path:
    """A folder for PATH with nothing but the system's own tools: no Python, no uv."""
    folder.mkdir(parents=True)
    for tool in TOOLS:
        program = shutil.which(tool)
        if program is not None:
            (folder / tool).symlink_to(program)
    return folder


def network_variables() -> dict[str, str]:
    """Those of this process's environment."""
    return {name: value for name, value in os.environ.items() if name.upper().startswith(NETWORK)}


def path_without(program: str) -> str:
    """PATH, without the folders that have this program."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not Path(folder, program).exists())


class _Index(SimpleHTTPRequestHandler):
    """Serves a folder of packages as a package index: /simple/<name>/ lists the files of one."""

    def do_GET(self) -> None:
        kind, _, name = self.path.strip("/").partition("/")
        if kind != "simple":
            super().do_GET()
            return
        files = sorted(path.name for path in Path(self.directory).iterdir())
        links = "".join(f'<a href="/{file}">{file}</a>\n' for file in files if _package_of(file) == name)
        body = links.encode()
        self.send_response(200 if links else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is the library's
        """Nothing: the table says what happened."""


def _package_of(file: str) -> str:
    name = file.partition("-")[0] if file.endswith(".whl") else file.removesuffix(".tar.gz").rpartition("-")[0]
    return name.replace("_", "-").replace(".", "-").lower()


@contextmanager
def package_index(folder: Path) -> Iterator[str]:
    """The address of an index on loopback with the packages of `folder`, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Index, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple"
        finally:
            server.shutdown()


def only_through(index: str) -> Mapping[str, str]:
    """A network that lets through nothing but the index of this address, which pip's own variable names."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
    return {**proxies, "NO_PROXY": "127.0.0.1", "PIP_INDEX_URL": index}
