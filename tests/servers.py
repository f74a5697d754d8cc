"""Odoo as a process of its own, and clients that talk to it as browsers do."""

import contextlib
import http.cookiejar
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

#: What no message to people says.
UNCLEAR = re.compile(
    r"traceback|psycopg2|duplicate key|constraint \"|could not serialize|deadlock|object has no attribute|keyerror", re.I)
#: ``python -m odoo``, with passwords that are hashed at once.
ODOO = sys.executable, str(Path(__file__).with_name("quick_odoo.py"))
PATIENCE = 120  # seconds that Odoo may take to answer its first request


class ServerError(Exception):
    """The server answered with an error; ``name`` is the exception's."""

    def __init__(self, error):
        super().__init__(error["data"]["message"])
        self.name = error["data"]["name"]


def at_once(records, *ways):
    """Let people act on one record after the other, all at the same moment, and see that each is told clearly.

    :param ways: what each of the people does, called with a record
    :return: for each record and person, in their order, whether it was done, and the answer or refusal:
        ``[[(done, answer), ...], ...]``
    """
    together, told = threading.Barrier(len(ways)), [[None] * len(ways) for _record in records]

    def work(person, way):
        for number, record in enumerate(records):
            together.wait(60)
            try:
                told[number][person] = (True, way(record))
            except ServerError as error:
                told[number][person] = (False, str(error))

    threads = [threading.Thread(target=work, args=each) for each in enumerate(ways)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answers in told:
        for done, answer in answers:
            assert done or answer.strip()
            assert not UNCLEAR.search(str(answer)), answer
    return told


class Client:
    """A session of a user."""

    def __init__(self, url, database, login, password):
        self.url = url
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.post("/web/session/authenticate", {"db": database, "login": login, "password": password})

    def post(self, path, params):
        """Result of a JSON request.

        :raise ServerError: when the server answers with an error
        """
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        with self.opener.open(request, timeout=PATIENCE) as response:
            answer = json.load(response)
        if "error" in answer:
            raise ServerError(answer["error"])
        return answer.get("result")  # methods that return nothing answer nothing

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model as the web client does."""
        return self.post(f"/web/dataset/call_kw/{model}/{method}", {
            "model": model, "method": method, "args": args, "kwargs": kwargs})


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]


@contextlib.contextmanager
def served(database, log, workers=0):
    """Serve a database until the block ends; yields a function that logs users in.

    Its ``process`` is the server's, and leads a process group of its own.

    :param workers: number of processes that answer requests; 0 for threads of one process
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with open(log, "w") as output:
        process = subprocess.Popen(
            [*ODOO, f"--database={database}", f"--db-filter=^{re.escape(database)}$",
             f"--http-port={port}", "--http-interface=127.0.0.1", "--max-cron-threads=0",
             f"--workers={workers}", f"--gevent-port={free_port()}", "--limit-time-cpu=600", "--limit-time-real=600"],
            env=os.environ, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, f"Odoo ended at once: see {log}"
            assert time.monotonic() < deadline, f"Odoo does not answer: see {log}"
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/web/health", timeout=PATIENCE):
                break
            time.sleep(0.2)

        def login(name, password):
            return Client(url, database, name, password)

        login.process = process
        yield login
    finally:
        process.terminate()
        process.wait(PATIENCE)


def shell(database, script):
    """Run statements in Odoo's shell; the first that fails ends it.

    :return: what it wrote
    """
    done = subprocess.run(
        [*ODOO, "shell", f"--database={database}", "--no-http"], text=True, capture_output=True,
        input=f"exec(compile({script!r}, 'script', 'exec'))\nprint('ran to its end')\n")
    assert "ran to its end" in done.stdout and "Error" not in done.stderr, done.stdout[-2000:] + done.stderr[-4000:]
