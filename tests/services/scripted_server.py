"""An HTTP/1.1 server that does what no real server can be made to do: break, drip, lie."""

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Request:
    method: str
    target: str
    headers: dict
    body: bytes

    @property
    def path(self):
        return self.target.split("?")[0]

    @property
    def query(self):
        pairs = self.target.partition("?")[2].split("&")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


@dataclass
class Answer:
    body: bytes | str | list | dict = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    length: int | None = None  # what Content-Length says; None: the truth; -1: nothing, and it closes
    cut: int | None = None  # so many bytes of the body are sent, then the connection ends
    reset: bool = False  # by a reset instead of an end
    drip: float = 0  # seconds before each byte of the body
    raw: bytes | None = None  # all that is sent, instead


class ScriptedServer:
    """`server.on(handler)`: a function from Request to Answer; requests are kept in .requests."""

    def __init__(self):
        self.requests = []
        self.handler = lambda request: Answer(status=404)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.connections = 0
        self.is_stopping = False
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def on(self, handler):
        self.handler = handler
        return self.url

    def stop(self):
        self.is_stopping = True
        self.listener.close()
        for connection in list(self.open):
            connection.close()

    def _accept(self):
        while not self.is_stopping:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as stream:
                while self._answer_one(connection, stream):
                    pass
        except OSError:
            pass
        finally:
            self.open.discard(connection)

    def _answer_one(self, connection, stream):
        line = stream.readline().decode("latin-1").split()
        if len(line) < 3:
            return False
        headers = {}
        while (header := stream.readline().strip()) != b"":
            name, _, value = header.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        request = Request(line[0], line[1], headers, body)
        self.requests.append(request)
        answer = self.handler(request)
        if answer.raw is not None:
            connection.sendall(answer.raw)
            return False
        content = answer.body
        if isinstance(content, (list, dict)):
            content = json.dumps(content)
        if isinstance(content, str):
            content = content.encode()
        fields = {"Content-Type": "application/json", **answer.headers}
        if answer.length != -1:
            fields["Content-Length"] = len(content) if answer.length is None else answer.length
        head = f"HTTP/1.1 {answer.status} Word\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in fields.items()
        )
        connection.sendall(head.encode() + b"\r\n")
        content = content if answer.cut is None else content[: answer.cut]
        if answer.drip:
            for i in range(len(content)):
                connection.sendall(content[i : i + 1])
                time.sleep(answer.drip)
        else:
            connection.sendall(content)
        if answer.reset:
            time.sleep(0.05)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        return answer.cut is None and answer.length is None
