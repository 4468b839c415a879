from pathlib import Path

from tests.programs.chaos.truncation import cut_end


def test_only_the_end_of_the_newest_segment_is_cut(tmp_path: Path) -> None:
    segments = [tmp_path / "log" / "raw-3" / f"{first:020d}.log" for first in (0, 17)]
    segments[0].parent.mkdir(parents=True)
    for segment in segments:
        segment.write_bytes(b"0123456789")
    cut_end(tmp_path, "raw", 3, 4)
    assert [segment.read_bytes() for segment in segments] == [b"0123456789", b"012345"]
    cut_end(tmp_path, "raw", 3, 400)
    assert [segment.read_bytes() for segment in segments] == [b"0123456789", b""]
