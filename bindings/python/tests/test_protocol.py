"""A client made from docs/protocol.md alone: a socket, TLS, and what that page says."""

import base64
import hashlib
import json
import os
import socket
import ssl
import struct
import unittest
from urllib.parse import urlsplit

from server import Server

WAIT = 20


class WebSocket:
    """Text frames and closes of RFC 6455, no more."""

    def __init__(self, server, path=None, headers=()):
        url = urlsplit(server.url)
        context = ssl.create_default_context(cafile=server.ca)
        plain = socket.create_connection((url.hostname, url.port), WAIT)
        self.socket = context.wrap_socket(plain, server_hostname=url.hostname)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path or url.path} HTTP/1.1", f"Host: {url.netloc}", *headers]
        self.socket.sendall("\r\n".join([*lines, f"Sec-WebSocket-Key: {key}", "\r\n"]).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        status, *lines = head.decode().strip().split("\r\n")
        self.status = int(status.split()[1])
        self.headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
        accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        self.accepts = self.headers.get("sec-websocket-accept") == base64.b64encode(accept).decode()

    def read(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise ConnectionError("closed")
            data += part
        return data

    def send(self, data, opcode=1):
        data = data.encode() if isinstance(data, str) else data
        size = struct.pack("!BQ", 0xFF, len(data))
        self.socket.sendall(bytes([0x80 | opcode]) + size + b"\0\0\0\0" + data)

    def receive(self):
        """A text, or the code of the close."""
        opcode, size = self.read(2)
        if size == 126:
            (size,) = struct.unpack("!H", self.read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.read(8))
        data = self.read(size)
        return data.decode() if opcode == 0x81 else struct.unpack("!H", data[:2])[0]

    def close(self):
        self.socket.close()


UPGRADE = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
TIM = [*UPGRADE, "Sec-WebSocket-Protocol: tim.v1"]


class Client(WebSocket):
    def __init__(self, server):
        super().__init__(server, headers=TIM)
        self.id, self.events = 0, []

    def ask(self, op, body=None):
        self.id += 1
        request = {"id": self.id, "op": op}
        self.send(json.dumps(request if body is None else {**request, "body": body}))
        while True:
            frame = json.loads(self.receive())
            if frame.get("id") == self.id:
                return frame
            self.events.append(frame)

    def event(self, name):
        while True:
            for at, event in enumerate(self.events):
                if event["ev"] == name:
                    return self.events.pop(at)
            self.events.append(json.loads(self.receive()))


def conv(user):
    return {"conv_type": 1, "conv_id": user}


class Protocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def connect(self):
        client = Client(self.server)
        self.addCleanup(client.close)
        return client

    def login(self, user, **more):
        client = self.connect()
        ticket = self.server.ticket(user)
        body = {"app_id": self.server.app_id, "user_id": user, "user_sig": ticket, "device_id": user}
        answer = client.ask("session.login", {**body, **more})
        self.assertEqual(answer["code"], 0, answer)
        return client, answer["body"]

    def test_upgrade(self):
        good = self.connect()
        self.assertEqual((good.status, good.accepts), (101, True))
        self.assertEqual(good.headers["sec-websocket-protocol"], "tim.v1")
        for path, headers, status in [
            (None, UPGRADE, 400),
            (None, [], 426),
            ("/other", TIM, 404),
        ]:
            refused = WebSocket(self.server, path, headers)
            self.addCleanup(refused.close)
            self.assertEqual(refused.status, status)

    def test_a_session(self):
        bob, _ = self.login("bob")
        alice, opened = self.login("alice")
        self.assertEqual((opened["event_seq"], opened["heartbeat_s"]), (0, 60))
        snapshot = alice.ask("conversation.snapshot", {"limit": 200})["body"]
        self.assertEqual(snapshot, {"conversations": [], "event_seq": 0})

        alice.ask("user.subscribe_status", {"users": ["bob", "nobody"]})
        (status, unknown) = alice.ask("user.get_status", {"users": ["bob", "nobody"]})["body"]["statuses"]
        self.assertEqual(status["user_status_status_type"], 1)
        self.assertEqual(unknown["user_status_status_type"], 0)
        bob.ask("user.set_status", {"custom_status": "busy"})
        (status,) = alice.event("user.status")["body"]
        self.assertEqual(status["user_status_custom_status"], "busy")

        content = {
            "message_elem_array": [
                {"elem_type": 0, "text_elem_content": "héllo"},
                {"elem_type": 7, "location_elem_longitude": 8.5, "location_elem_latitude": 47.5},
            ],
            "message_client_time": 1700000001,
            "message_rand": 9,
        }
        send = {"conv": conv("bob"), "msg_id": "alice-1-9", "content": content}
        sent = alice.ask("message.send", send)
        self.assertEqual((sent["code"], sent["body"]["seq"]), (0, 1))
        self.assertEqual(alice.ask("message.send", send)["body"], sent["body"])
        echo = alice.event("message.new")
        self.assertEqual((echo["seq"], echo["body"]["conv"]), (1, conv("bob")))
        got = bob.event("message.new")
        self.assertEqual(got["body"]["conv"], conv("alice"))
        keys = {"conv", "sender", "msg_id", "seq", "time", "ord", "content"}
        self.assertEqual(set(got["body"]), keys)
        self.assertEqual((got["body"]["sender"], got["body"]["ord"]), ("alice", 1))

        read = bob.ask("message.read", {"conv": conv("alice"), "seq": 99})["body"]
        self.assertEqual(read, {"conv": conv("alice"), "read_seq": 1, "read_ord": 1})
        receipt = alice.event("message.receipt")
        self.assertEqual(receipt["seq"], 2)
        self.assertEqual(receipt["body"]["peer_read_seq"], 1)

        difference = alice.ask("session.difference", {"after": 0, "limit": 500})["body"]
        self.assertEqual([event["seq"] for event in difference["events"]], [1, 2])
        self.assertEqual(difference["events"][0]["body"], echo["body"])
        self.assertEqual(difference["head"], 2)
        self.assertTrue(alice.ask("session.difference", {"after": 9, "limit": 1})["body"]["too_old"])
        self.assertEqual(alice.ask("session.heartbeat")["body"]["event_seq"], 2)
        history = alice.ask("message.history", {"conv": conv("bob"), "from": 1, "to": 9, "limit": 5})
        self.assertEqual(history["body"]["messages"], [echo["body"]])
        (known,) = bob.ask("conversation.snapshot", {"limit": 1})["body"]["conversations"]
        required = {"conv", "head_seq", "last", "peer_ord", "read_ord", "read_seq"}
        self.assertLessEqual(required, set(known))
        self.assertEqual((known["peer_ord"], known["read_ord"]), (1, 1))

        bob.ask("session.logout")
        (status,) = alice.event("user.status")["body"]
        self.assertEqual(status["user_status_status_type"], 3)
        alice.ask("user.unsubscribe_status")

    def test_refusals(self):
        client = self.connect()
        self.assertEqual(client.ask("session.heartbeat")["code"], -10008)
        login = {"app_id": self.server.app_id, "user_id": "kim", "user_sig": "x", "device_id": "d"}
        self.assertEqual(client.ask("session.login", login)["code"], 70003)
        self.assertEqual(client.ask("session.login", {**login, "user_sig": ""})["code"], 70002)
        self.assertEqual(client.ask("session.login", {**login, "app_id": 1})["code"], 70020)
        kim = self.server.ticket("kim")
        self.assertEqual(client.ask("session.login", {**login, "user_sig": kim, "user_id": "lee"})["code"], 70013)
        self.assertEqual(client.ask("session.login", {**login, "user_sig": kim})["code"], 0)
        self.assertEqual(client.ask("no.such")["code"], 5036)
        self.assertEqual(client.ask("message.read", {"conv": 3})["code"], 5026)
        text = {"elem_type": 0, "text_elem_content": "x" * 12289}
        send = {"conv": conv("kim"), "msg_id": "1", "content": {"message_elem_array": [text]}}
        self.assertEqual(client.ask("message.send", send)["code"], 80002)
        text["text_elem_content"] = "x"
        self.assertEqual(client.ask("message.send", {**send, "conv": conv("nobody")})["code"], 20003)
        group = {"conv_type": 2, "conv_id": "g"}
        self.assertEqual(client.ask("message.send", {**send, "conv": group})["code"], 10010)

    def test_closes(self):
        for frame, opcode, code in [("no JSON", 1, 1002), ("[]", 1, 1002), (b"{}", 2, 1002)]:
            client = self.connect()
            client.send(frame, opcode)
            self.assertEqual(client.receive(), code)
        # A frame that is too large is refused for the length that it announces.
        client = self.connect()
        client.socket.sendall(struct.pack("!BBQ", 0x81, 0xFF, (1 << 20) + 1) + b"\0\0\0\0x")
        self.assertEqual(client.receive(), 1009)

    def test_two_devices(self):
        first, _ = self.login("max", device_id="one")
        again, _ = self.login("max", device_id="one")
        self.assertEqual(first.receive(), 1001)
        other, _ = self.login("max", device_id="two")
        self.assertEqual(json.loads(again.receive())["ev"], "session.kicked")
        self.assertEqual(again.receive(), 4001)
        back = self.connect()
        body = {"app_id": self.server.app_id, "user_id": "max", "device_id": "one", "resume": True}
        refused = back.ask("session.login", {**body, "user_sig": self.server.ticket("max")})
        self.assertEqual(refused["code"], 6208)
        self.assertEqual(other.ask("session.heartbeat")["code"], 0)
