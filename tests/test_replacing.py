"""Files that are written whole, and never where a link of another user's leads."""

import os
import stat
from pathlib import Path

import pytest

from tests.documents import ROOT
from wirestat.capture.recording import Recording, begin
from wirestat.commands import main
from wirestat.commands.codes import Code
from wirestat.commands.output import beside
from wirestat.errors import PermissionDenied
from wirestat.replacing import PLANTED, is_planted, replacing

CAPTURE = str(ROOT / "pcaps/refused/client.pcap")
NOBODY = 65534
root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make files of others")


def shared(tmp_path: Path, mode: int = 0o1777) -> tuple[Path, Path]:
    """Make a folder with a link, owned by the user nobody, to a file of ours; return the link and the file."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "shared"
    folder.mkdir()
    link = folder / "report.html"
    link.symlink_to(victim)
    os.lchown(link, NOBODY, NOBODY)
    folder.chmod(mode)
    return link, victim


@root
@pytest.mark.root
def test_no_report_is_written_where_a_link_of_another_user_leads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link, victim = shared(tmp_path)
    for words in ([CAPTURE], ["report", CAPTURE], ["annotate", CAPTURE]):
        assert main([*words, "-o", str(link)]) == Code.PERMISSION
        assert "permission denied\nhint: it is a link of another user's" in capsys.readouterr().err
    with pytest.raises(PermissionDenied), beside(link):
        pass
    assert victim.read_text() == "precious"


@root
@pytest.mark.root
def test_nothing_is_written_through_the_name_of_a_part(tmp_path: Path) -> None:
    link, victim = shared(tmp_path)
    planted = link.with_name(f".{link.name}.part")
    link.rename(planted)
    with replacing(link) as part:
        part.write_text("report")
    assert (link.read_text(), link.is_symlink()) == ("report", False)
    assert victim.read_text() == "precious"


@root
@pytest.mark.root
def test_a_link_is_replaced_and_not_followed_where_a_table_is_written(tmp_path: Path) -> None:
    link, victim = shared(tmp_path)
    with replacing(link) as part:
        part.write_text("table")
    assert (link.read_text(), link.is_symlink()) == ("table", False)
    assert victim.read_text() == "precious"


def test_a_link_that_is_made_once_the_place_was_looked_at_is_replaced(tmp_path: Path) -> None:
    victim, place = tmp_path / "victim", tmp_path / "report.txt"
    victim.write_text("precious")
    with beside(place) as part:
        part.write_text("report")
        place.symlink_to(victim)
    assert (place.read_text(), place.is_symlink()) == ("report", False)
    assert victim.read_text() == "precious"


@root
@pytest.mark.root
def test_links_of_those_who_own_the_folder_or_are_trusted_are_followed(tmp_path: Path) -> None:
    link, victim = shared(tmp_path, 0o755)
    assert not is_planted(link)  # nobody else may write there
    link.parent.chmod(0o1777)
    assert is_planted(link)
    os.chown(link.parent, NOBODY, NOBODY)
    assert not is_planted(link)
    os.chown(link.parent, 0, 0)
    os.lchown(link, 0, 0)
    assert not is_planted(link)
    assert main([CAPTURE, "-o", str(link)]) == Code.DONE
    assert link.is_symlink()
    assert victim.read_text() != "precious"


@root
@pytest.mark.root
def test_a_report_takes_no_more_rights_than_its_writer_gives(tmp_path: Path) -> None:
    place = tmp_path / "report.txt"
    place.write_text("old")
    os.chown(place, NOBODY, NOBODY)
    place.chmod(0o6777)
    with beside(place) as part:
        part.touch(0o644)
    assert stat.S_IMODE(place.stat().st_mode) == 0o644
    place.chmod(0o4640)
    with beside(place) as part:
        part.touch(0o644)
    assert stat.S_IMODE(place.stat().st_mode) == 0o640


@root
@pytest.mark.root
def test_no_packets_are_written_where_a_link_of_another_user_leads(tmp_path: Path) -> None:
    link, victim = shared(tmp_path)
    with pytest.raises(PermissionDenied) as caught:
        begin(Recording(path=str(link)))
    assert caught.value.hint == PLANTED
    link.unlink()
    gone = tmp_path / "gone"
    link.symlink_to(gone)
    os.lchown(link, NOBODY, NOBODY)
    with pytest.raises(PermissionDenied):
        begin(Recording(path=str(link)))
    assert not gone.exists()
    link.unlink()
    link.symlink_to(victim)
    begin(Recording(path=str(link))).close(0)
    assert victim.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
