"""Files, folders, patterns, lists and archives: what is found in them, and what is left out."""

import io
import os
import random
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.batch.captures import CAPTURE
from wirestat.batch import content, members
from wirestat.batch.sources import find
from wirestat.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as evidence comes: captures below, notes beside, one in a zip, one in a tar, one without a suffix."""
    data = CAPTURE.read_bytes()
    for name in ("b.pcap", "a.pcap", "deep/er/no-suffix"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "notes.txt").write_text("tuesday, 3 am")
    (tmp_path / ".hidden.pcap").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(CAPTURE, "in/side.pcap")
        archive.writestr("readme", "nothing")
    with tarfile.open(tmp_path / "d.tar.gz", "w:gz") as tar:
        tar.add(CAPTURE, "tarred.pcap")
    return tmp_path


def test_folders_are_read_with_all_below_them(folder: Path) -> None:
    found = find([str(folder)])
    names = [source.name.removeprefix(f"{folder}/") for source in found.sources]
    assert names == ["a.pcap", "b.pcap", "c.zip/in/side.pcap", "d.tar.gz/tarred.pcap", "deep/er/no-suffix"]
    assert found.others == 2  # the notes, and the readme in the zip


def test_results_in_the_same_folder_are_left_out(folder: Path) -> None:
    found = find([str(folder)], spare=folder / "deep")
    assert not any("deep" in source.name for source in found.sources)


def test_patterns_and_lists_name_captures_once(folder: Path) -> None:
    found = find([f"{folder}/*.pcap", str(folder / "a.pcap")], [f"{folder}/b.pcap\0{folder}/deep".encode()])
    assert [Path(source.path).name for source in found.sources] == ["a.pcap", "b.pcap", "no-suffix"]


def test_a_pattern_that_matches_nothing_is_an_error(folder: Path) -> None:
    with pytest.raises(UsageError, match="no file matches"):
        find([f"{folder}/*.pcapng"])


def test_named_files_are_sources_whatever_they_hold(folder: Path) -> None:
    found = find([str(folder / "notes.txt"), str(folder / "missing.pcap")])
    assert [source.size for source in found.sources] == [13, 0]


def test_a_broken_archive_is_a_source_that_fails(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4 and no more")
    (source,) = find([str(tmp_path / "broken.zip")]).sources
    assert source.member is None
    assert "the archive is damaged, or none" in (source.failure or "")


def test_a_cut_archive_keeps_what_lies_before_the_cut(tmp_path: Path) -> None:
    data = CAPTURE.read_bytes()
    noise = random.Random(1).randbytes(
        200_000
    )  # the end of what can be read is told by what cannot be compressed
    with tarfile.open(tmp_path / "c.tar.gz", "w:gz") as tar:
        for name, held in (("a.pcap", data), ("b.pcap", data), ("noise", noise), ("c.pcap", data)):
            info = tarfile.TarInfo(name)
            info.size = len(held)
            tar.addfile(info, io.BytesIO(held))
    whole = (tmp_path / "c.tar.gz").read_bytes()
    (tmp_path / "c.tar.gz").write_bytes(whole[:100_000])
    first, second, rest = find([str(tmp_path / "c.tar.gz")]).sources
    assert (first.member, second.member, rest.member) == ("a.pcap", "b.pcap", None)
    assert "ended before" in (rest.failure or "")
    for source in (first, second):
        with members.piped(source.path, source.member or "") as pipe:
            assert Path(pipe.path).read_bytes() == data
    members.close()


def test_members_are_found_in_any_order(tmp_path: Path) -> None:
    """A tar is read forward, and from its beginning where that does not lead to the member."""
    with tarfile.open(tmp_path / "t.tgz", "w:gz") as tar:
        for name in "abcd":
            info = tarfile.TarInfo(name)
            info.size = 1
            tar.addfile(info, io.BytesIO(name.encode()))
    for name in "abdcadb":
        with members.piped(str(tmp_path / "t.tgz"), name) as pipe:
            assert Path(pipe.path).read_text() == name
    with pytest.raises(KeyError), members.piped(str(tmp_path / "t.tgz"), "e"):
        pass
    members.close()


def test_a_tar_is_read_once_for_all_of_its_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(tmp_path / "t.tgz", "w:gz") as tar:
        for number in range(50):
            tar.add(CAPTURE, f"{number:02}.pcap")
    opened = []
    whole = tarfile.open

    def counting(*arguments: Any, **options: Any) -> Any:
        opened.append(arguments)
        return whole(*arguments, **options)

    monkeypatch.setattr(tarfile, "open", counting)
    for number in range(50):
        with members.piped(str(tmp_path / "t.tgz"), f"{number:02}.pcap") as pipe:
            assert Path(pipe.path).read_bytes() == CAPTURE.read_bytes()
    members.close()
    assert len(opened) == 1


def test_an_encrypted_member_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(CAPTURE, "open.pcap")
        archive.write(CAPTURE, "shut.pcap")
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.rindex(mark) + flags] |= 1  # the bit that says so, in both headers of the second
    path.write_bytes(data)
    first, second = find([str(path)]).sources
    assert first.failure is None
    assert second.failure == "it is encrypted: decrypt it first"


def test_a_file_that_is_called_a_capture_is_one_that_may_fail(tmp_path: Path) -> None:
    (tmp_path / "empty.pcap").touch()
    (tmp_path / "text.pcapng").write_text("no capture")
    (tmp_path / "dangling.pcap").symlink_to(tmp_path / "nothing")
    (tmp_path / "notes.txt").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.pcap")
    found = find([str(tmp_path)])
    assert [Path(one.name).name for one in found.sources] == ["dangling.pcap", "empty.pcap", "text.pcapng"]


@pytest.mark.parametrize(("archive", "member"), [("c.zip", "in/side.pcap"), ("d.tar.gz", "tarred.pcap")])
def test_members_are_read_through_a_pipe(folder: Path, archive: str, member: str) -> None:
    with members.piped(str(folder / archive), member) as pipe:
        assert Path(pipe.path).read_bytes() == CAPTURE.read_bytes()
    assert pipe.failure is None


def test_a_reader_that_stops_early_does_not_block_the_pipe(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "big.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.pcap", bytes(4 << 20))
    with members.piped(str(tmp_path / "big.zip"), "zeros.pcap") as pipe, Path(pipe.path).open("rb") as stream:
        stream.read(10)


def test_a_copy_has_the_same_key_under_another_name(folder: Path) -> None:
    sources = find([str(folder)]).sources
    keys = {source.name.removeprefix(f"{folder}/"): content.key(source) for source in sources}
    assert keys["a.pcap"] == keys["b.pcap"] == keys["deep/er/no-suffix"]
    (folder / "b.pcap").write_bytes(CAPTURE.read_bytes()[:-1])
    assert content.key(find([str(folder / "b.pcap")]).sources[0]) != keys["a.pcap"]
    assert content.key(find([str(folder / "gone")]).sources[0]) is None
