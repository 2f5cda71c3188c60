"""Captures at addresses give what they give on the disk: on a server of S3's kind, on loopback."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch.captures import CAPTURE, PCAPS
from tests.batch.pieces import between_frames, orders, written
from wirestat.batch import remote
from wirestat.batch.cuts import Cut, Piece, cuts
from wirestat.batch.sources import Input, find
from wirestat.batch.task import Item, work
from wirestat.errors import InputError


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Give the address of a bucket with some captures, and notes beside."""
    import boto3  # here and not above: to load them takes long, and every worker loads all files of tests
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    told = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        client = boto3.client("s3")
        client.create_bucket(Bucket="taps")
        for case in ("normal-close-by-client", "last-ack-lost"):
            client.upload_file(str(PCAPS / case / "client.pcap"), "taps", f"site/{case}.pcap")
        client.put_object(Bucket="taps", Key="site/notes.txt", Body=b"tuesday, 3 am")
        yield "s3://taps"
    server.stop()


def test_a_bucket_is_read_as_a_folder_is(bucket: str, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    for case in ("normal-close-by-client", "last-ack-lost"):
        shutil.copy(PCAPS / case / "client.pcap", folder / f"{case}.pcap")
    for out, path in (("there", f"{bucket}/site"), ("here", str(folder))):
        # Not by a command: as root, that forgets what the environment says of servers and keys.
        items = tuple(Item(number, (one,)) for number, one in enumerate(find([path]).sources, 1))
        assert [done.reason for done in work(items, orders(tmp_path / out))] == [None, None]
    assert written(tmp_path / "there") == written(tmp_path / "here")


def test_files_that_do_not_look_like_captures_are_left_out(bucket: str) -> None:
    found = find([f"{bucket}/site"])
    assert [one.name for one in found.sources] == [
        f"{bucket}/site/last-ack-lost.pcap",
        f"{bucket}/site/normal-close-by-client.pcap",
    ]
    assert found.others == 1
    assert all(one.size for one in found.sources)


def test_patterns_are_followed(bucket: str) -> None:
    assert len(find([f"{bucket}/site/*.pcap"]).sources) == 2


def test_a_missing_object_is_a_source_that_fails(bucket: str) -> None:
    (one,) = find([f"{bucket}/gone.pcap"]).sources
    with pytest.raises(InputError, match="no such file"):
        remote.opened(one.path)


def test_a_piece_is_read_at_its_place() -> None:
    address = CAPTURE.as_uri()
    one = Input(address, address, None, CAPTURE.stat().st_size)
    with remote.opened(address) as stream:
        found = cuts(one, stream, one.size // 3)
    assert len(found) == 1  # too few frames follow to tell a place between them
    with remote.opened(address) as stream:
        piece = Piece(stream, Cut(one, 40, 60, 24))
        data = CAPTURE.read_bytes()
        assert piece.read(24) + piece.read(100) + piece.read(100) == data[:24] + data[40:60]


def test_a_place_in_a_large_capture_is_between_two_frames() -> None:
    path = PCAPS / "random-loss-1" / "client.pcap"
    one = Input(str(path), str(path), None, path.stat().st_size)
    with path.open("rb") as stream:
        found = cuts(one, stream, one.size // 5)
    _, places = between_frames(path.read_bytes())
    assert len(found) == 5
    assert {cut.start for cut in found[1:]} <= set(places)
