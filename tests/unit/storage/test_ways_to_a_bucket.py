"""Ways to a bucket: its name in that of the host, a certificate of an own authority, versions of objects."""

import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from s3_service import BUCKET, wrong_answer
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from radsieve.errors import InputError
from radsieve.storage.objects import StoredObject

CONTENT = b"an image" * 100


def test_the_bucket_may_stand_in_the_name_of_the_host(service, monkeypatch):
    """Through a proxy, which sees both clients ask the host that has the bucket's name."""
    stored = StoredObject("p/a.png", 800, '"x"')
    entry = '<Contents><Key>p/a.png</Key><Size>800</Size><ETag>"x"</ETag></Contents><IsTruncated>false</IsTruncated>'
    page = f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>{entry}</ListBucketResult>'
    hosts = []

    def answer(response):
        def say(request):
            hosts.append(request.host)
            return response()

        return say

    service.faults["/"] = answer(lambda: Response(page, content_type="application/xml"))
    service.faults["/p/a.png"] = answer(lambda: wrong_answer(stored, CONTENT))
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, service.endpoint)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    source = service.source(endpoint="http://storage.example", addressing="virtual")
    assert list(source.list()) == [stored]
    assert source.read(stored).data == CONTENT
    assert set(hosts) == {f"{BUCKET}.storage.example"}


@pytest.fixture
def authority(tmp_path):
    """A folder with the certificate of an authority that nobody knows, and one that it gave 127.0.0.1, with its key."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("an authority", "a service")]
    now, address = datetime.now(UTC), x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    for place, file in enumerate(("authority.pem", "service.pem")):
        built = x509.CertificateBuilder(names[0], names[place], keys[place].public_key(), x509.random_serial_number())
        built = built.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        built = built.add_extension(x509.BasicConstraints(ca=place == 0, path_length=None), critical=True)
        built = built.add_extension(address, critical=False) if place else built
        content = built.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        (tmp_path / file).write_bytes(content)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(keys[1].private_bytes(serialization.Encoding.PEM, *form))
    return tmp_path


def test_an_own_authority_is_known_to_both_clients(service, authority, monkeypatch):
    for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    service.put("p/a.png", CONTENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "service.pem", authority / "key.pem")
    with secured(service, context) as endpoint:
        read_by_both(service, endpoint, authority / "authority.pem", monkeypatch)


def read_by_both(service, endpoint, certificate, monkeypatch):
    with pytest.raises(InputError, match="AWS_CA_BUNDLE"):
        list(service.source(endpoint=endpoint).list())
    of_system = certificate.with_name("service.pem")  # as where a proxy asks for one; it goes with the test
    monkeypatch.setenv("SSL_CERT_FILE", str(of_system))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    read(service, endpoint)
    monkeypatch.setenv("SSL_CERT_FILE", str(of_system))
    monkeypatch.delenv("AWS_CA_BUNDLE")
    config = certificate.with_name("config")
    config.write_text(f"[default]\nca_bundle = {certificate}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    read(service, endpoint)


def read(service, endpoint):
    source = service.source(endpoint=endpoint)
    (stored,) = source.list()
    assert source.read(stored).data == CONTENT


@contextmanager
def secured(service, context):
    """The service at an endpoint of https, with a certificate of `context`."""
    server = make_server("127.0.0.1", 0, service.answer, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_latest_version_is_listed_and_what_is_deleted_is_not(service):
    client = service.source()._client
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key, content in (("p/a.png", b"first"), ("p/a.png", b"second"), ("p/b.png", b"gone")):
        client.put_object(Bucket=BUCKET, Key=key, Body=content)
    client.delete_object(Bucket=BUCKET, Key="p/b.png")
    source = service.source()
    assert [(stored.key, source.read(stored).data) for stored in source.list()] == [("p/a.png", b"second")]


def test_a_proxy_never_stands_before_loopback(service, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    service.put("p/a.png", b"an image")
    source = service.source()
    assert [source.read(stored).data for stored in source.list()] == [b"an image"]
