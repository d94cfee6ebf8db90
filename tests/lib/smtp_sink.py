"""A mail server for the tests: takes everything, or refuses what it is told to, and forgets nothing."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message


class Sink:
    """What came in, in order. `refuse` maps an address to the answer that it gets instead of 250."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.refuse: dict[str, str] = {}
        self.answer_to_data = "250 taken"
        self.port = 0

    @property
    def mails(self) -> list[Message]:
        """Each mail that was taken, also when it came twice."""
        return [message_from_bytes(raw) for raw in self.raw]

    def shown(self) -> dict[str, Message]:
        """As a reader sees it: mails with the same Message-ID are one. Asserts that they are also equal."""
        found: dict[str, bytes] = {}
        for raw, mail in zip(self.raw, self.mails, strict=True):
            assert found.setdefault(mail["Message-ID"], raw) == raw, "one Message-ID for two different mails"
        return {key: message_from_bytes(raw) for key, raw in found.items()}


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """A sink on a free port of this machine."""
    sink = Sink()

    class Conversation(socketserver.StreamRequestHandler):
        timeout = 20

        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 sink")
            while line := self.rfile.readline():
                verb, _, rest = line.decode().strip().partition(" ")
                if verb.upper() == "DATA":
                    self.take()
                elif verb.upper() == "RCPT":
                    address = rest.partition("<")[2].partition(">")[0]
                    self.say(sink.refuse.get(address, "250 ok"))
                else:
                    self.say("221 bye" if verb.upper() == "QUIT" else "250 ok")
                if verb.upper() == "QUIT":
                    break

        def take(self) -> None:
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if line and sink.answer_to_data.startswith("250"):
                sink.raw.append(b"".join(lines))
            self.say(sink.answer_to_data)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that was killed in the middle of a word is what these tests are about."""

    with Server(("127.0.0.1", 0), Conversation) as server:
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()
