"""What errors of the clients of S3 are told as."""

from botocore import exceptions

from radsieve.storage.s3_errors import Place


def test_a_proxy_that_is_not_there_is_nothing_to_connect_to():
    proxy = exceptions.ProxyConnectionError(proxy_url="http://127.0.0.1:9", error=OSError())
    assert "there is nothing to connect to" in str(Place("https://host", "b").explain(proxy))
