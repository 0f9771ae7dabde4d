"""Connections: opened when needed, kept for the next request, trusted only when proven."""

import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from stub_vendor import Answer, StubVendor

from connectors.transport import wire
from connectors.transport.wire import Wire, open_client

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@contextmanager
def scripted(*connections, tls=None):
    """A server that answers each connection's requests with the given bytes, then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            for answers in connections:
                connection, _ = listener.accept()
                try:
                    if tls:
                        connection = tls.wrap_socket(connection, server_side=True)
                    for answer in answers:
                        if not connection.recv(65_536):
                            break
                        connection.sendall(answer)
                except OSError:
                    pass  # a client that does not trust leaves
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}", thread


@pytest.fixture
def client():
    with httpx.Client(transport=Wire(ssl.create_default_context()), timeout=5) as client:
        yield client


def test_a_connection_is_kept_for_the_next_request(client):
    """Of a whole answer the connection is good for another."""
    with StubVendor(lambda asked: Answer(body=asked.body)) as vendor:
        assert [client.post(vendor.url, content=body).content for body in (b"a", b"b", b"")] == [
            b"a",
            b"b",
            b"",
        ]
        assert vendor.connections == 1


def test_threads_have_a_connection_each(client):
    """As many as there are requests under way, and no more."""
    together = threading.Barrier(3, timeout=60)

    def answer(_):
        together.wait()
        return Answer()

    with StubVendor(answer) as vendor:
        for _ in range(2):
            threads = [threading.Thread(target=client.get, args=(vendor.url,)) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert (len(vendor.asked), vendor.connections) == (6, 3)


def test_a_connection_that_the_vendor_closed_is_not_used_again(client):
    """It is noticed before the next request, which no failure has to mend."""
    with scripted([OK], [OK]) as (url, server):
        assert client.get(url).text == "ok"
        (idle,) = client._transport._idle
        assert idle.connection.sock.recv(1, socket.MSG_PEEK) == b""  # the end has come
        assert client.get(url).text == "ok"
        server.join()


def test_a_connection_that_idled_for_long_is_not_used_again(client, monkeypatch):
    """A firewall may have dropped it without a word, and the next request would wait for nothing."""
    monkeypatch.setattr(wire, "KEPT", 0)
    with StubVendor(lambda _: Answer()) as vendor:
        client.get(vendor.url)
        client.get(vendor.url)
        assert vendor.connections == 2


def test_one_request_at_a_time_is_one_connection_at_a_time(client):
    """Also when another host is asked in between: a vendor that counts connections finds one."""
    with StubVendor(lambda _: Answer()) as first, StubVendor(lambda _: Answer()) as second:
        client.get(first.url)
        (idle,) = client._transport._idle
        client.get(second.url)
        assert idle.connection.sock is None
        assert len(client._transport._idle) == 1


def test_closing_the_client_closes_its_connections():
    """Nothing outlives a pull."""
    client = httpx.Client(transport=Wire(ssl.create_default_context()))
    with StubVendor(lambda _: Answer()) as vendor:
        client.get(vendor.url)
        (idle,) = client._transport._idle
        client.close()
    assert idle.connection.sock is None


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc", "abc"),
        (b"HTTP/1.0 200 OK\r\n\r\nabc", "abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", "abc"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
    ],
    ids=["chunked", "to the end", "HTTP/1.0", "after 100", "204"],
)
def test_an_answer_is_read_to_its_end_however_that_is_told(client, answer, text):
    """By chunks, by the connection's end, or by its status."""
    with scripted([answer]) as (url, _):
        assert client.get(url).text == text


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n", httpx.RemoteProtocolError),
        (b"SSH-2.0-OpenSSH_9.6\r\n", httpx.RemoteProtocolError),
        (b"", httpx.ReadError),
    ],
    ids=["cut", "cut in a chunk", "cut between chunks", "another protocol", "nothing"],
)
def test_what_is_not_a_whole_answer_is_an_error(client, answer, error):
    """And the connection is not kept."""
    with scripted([answer]) as (url, _), pytest.raises(error):
        client.get(url)
    assert not client._transport._idle


@pytest.mark.parametrize("key", ["a\r\nx-admin: 1", "a\nx-admin: 1", "a\rb"])
def test_a_line_break_in_a_header_never_leaves(client, key):
    """A credential with one at its end is common; in the middle it would be a header of its own."""
    with StubVendor(lambda _: Answer()) as vendor:
        with pytest.raises(httpx.LocalProtocolError, match="line break"):
            client.get(vendor.url, headers={"x-key": key})
        assert vendor.asked == []


def test_headers_arrive_as_they_were_sent(client):
    """Repeated ones, and letters beyond ASCII, as HTTP's own Latin-1."""
    head = "HTTP/1.1 200 OK\r\nx-note: caf\u00e9\r\nx-twice: 1\r\nx-twice: 2\r\ncontent-length: 0\r\n\r\n"
    with scripted([head.encode("latin-1")]) as (url, _):
        headers = client.get(url).headers
    assert (headers["x-note"], headers.get_list("x-twice")) == ("caf\u00e9", ["1", "2"])


def certificate(tmp_path, host):
    """A server's TLS context and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vendor")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(made.public_bytes(pem))
    both = tmp_path / "both.pem"
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both.write_bytes(plain + made.public_bytes(pem))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(both)
    return tls, trusted


def test_a_server_is_trusted_by_its_certificate_and_its_name(tmp_path):
    """An unknown issuer or another name ends the connection before a request is sent."""
    by_address = x509.IPAddress(ip_address("127.0.0.1"))
    for host, knows, trusted in (
        (by_address, True, True),
        (by_address, False, False),
        (x509.DNSName("api.example.com"), True, False),
    ):
        tls, file = certificate(tmp_path, host)
        context = ssl.create_default_context(cafile=file if knows else None)
        with (
            scripted([OK, OK], tls=tls) as (url, _),
            httpx.Client(transport=Wire(context), timeout=5) as client,
        ):
            if trusted:
                assert [client.get(url).text, client.get(url).text] == ["ok", "ok"]
            else:
                with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                    client.get(url)


def test_the_environments_proxy_is_gone_through(monkeypatch):
    """And what NO_PROXY names is not."""
    with StubVendor(lambda _: Answer(body=b"by proxy")) as proxy, StubVendor(lambda _: Answer()) as vendor:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with open_client(None, 5, 1) as client:
            assert client.get("http://api.example.com/list").content == b"by proxy"
            assert client.get(vendor.url).content == b""
        assert (len(proxy.asked), len(vendor.asked)) == (1, 1)
