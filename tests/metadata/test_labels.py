import unicodedata
from pathlib import Path

import pytest

from metadata.errors import LabelError
from metadata.labels import explain_count, join_labels, read_labels, split_labels


def test_one_label_a_line_comes_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes("cat\ndog\ntête-à-tête\n".encode())
    assert read_labels(path) == ("cat", "dog", "tête-à-tête")


@pytest.mark.parametrize(
    "data", [b"cat\ndog", b"cat\ndog\n", b"cat\ndog\n\n\n", b"cat\r\ndog\r\n", b"cat\r\ndog\r\n\r\n"]
)
def test_both_line_endings_and_blank_lines_at_the_end_are_accepted(data: bytes) -> None:
    assert read_labels(data) == ("cat", "dog")


def test_blanks_at_the_end_of_a_line_are_no_part_of_a_label() -> None:
    assert read_labels(b"cat \ndog\t\n great white shark\n") == ("cat", "dog", " great white shark")


def test_commas_and_numbers_within_labels_are_part_of_them() -> None:
    assert read_labels(b"tench, Tinca tinca\nshark, white\n") == ("tench, Tinca tinca", "shark, white")
    assert read_labels(b"class 0\nclass 1\n") == ("class 0", "class 1")


def test_the_index_that_teachable_machine_writes_is_no_part_of_a_label() -> None:
    assert read_labels(b"0 cat\n1 great dog\n") == ("cat", "great dog")
    assert read_labels(b"1 cat\n2 dog\n") == ("1 cat", "2 dog")


def test_the_ten_digits_are_labels_and_not_an_index() -> None:
    assert read_labels(b"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n") == tuple("0123456789")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "labels: the file is empty"),
        (b"\n\n", "labels: the file is empty"),
        (b"cat\n\ndog\n", "labels: line 2 is blank"),
        (b"cat\n  \ndog\n", "labels: line 2 is blank"),
        (b"cat\ndog\ncat\n", "labels: line 3 repeats 'cat' of line 1"),
        (b"\xef\xbb\xbfcat\ndog\n", "labels: line 1 begins with a byte order mark"),
        (b"cat\nd\xf6g\n", "labels: line 2 is not UTF-8"),
        ("cat\n".encode("utf-16"), "labels: line 1 is not UTF-8"),
        (b"0 fingers\n1 fingers\n", "labels: line 1 is '0 fingers', each line begins with its index"),
        (b"0  cat\n1\tdog\n", "labels: line 1 is '0  cat', each line begins with its index"),
        (b"index,label\n0,cat\n1,dog\n", "labels: line 1 is 'index,label', each line begins with its index"),
        (b"cat,0\ndog,1\n", "labels: line 1 is 'cat,0', each line ends with its index"),
        (b"label;index\ncat;0\ndog;1\n", "labels: line 1 is 'label;index', each line ends with its index"),
        (b'["cat", "dog"]\n', "labels: line 1 begins with '\\[', a list for programs; write one label a line"),
        (b'{\n "0": "cat",\n "1": "dog"\n}\n', "labels: line 1 begins with '{', a list for programs"),
        (b"cat,dog,fox\n", "labels: line 1 is the only one and holds commas; write one label a line"),
        (b"cat\ndog \ndog\n", "labels: line 3 repeats 'dog' of line 2"),
        (b"cat\rdog\r", "labels: line 1 holds a line break that is not a newline"),
    ],
)
def test_a_label_file_that_cannot_be_used_is_refused_by_line(data: bytes, message: str) -> None:
    with pytest.raises(LabelError, match=message) as refusal:
        read_labels(data)
    assert "\n" not in str(refusal.value)


def test_a_label_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"absent\.txt: cannot be read"):
        read_labels(tmp_path / "absent.txt")


def test_a_reader_on_the_phone_would_see_the_blank_line_too() -> None:
    assert split_labels("cat\n\ndog\n") == ("cat", "", "dog")


def test_written_labels_are_read_back() -> None:
    labels = ("cat", "dog", "great white shark")
    assert read_labels(join_labels(labels)) == labels


@pytest.mark.parametrize("label", ["", " ", "two\nlines", "two\u2028lines"])
def test_a_label_that_is_not_one_line_is_refused(label: str) -> None:
    with pytest.raises(LabelError, match="label 1 is"):
        join_labels(("cat", label))


def test_a_missing_background_label_is_named_as_off_by_one() -> None:
    assert explain_count(1001, 1001) is None
    assert "off by one: 1000 labels for 1001 outputs: the model has a background class" in str(
        explain_count(1000, 1001)
    )
    assert "off by one: 1001 labels for 1000 outputs" in str(explain_count(1001, 1000))
    assert explain_count(998, 1000) == "998 labels for 1000 outputs; give exactly one label an output"


def test_one_output_is_no_matter_of_a_background_class() -> None:
    line = "3 labels for one output, which is the probability of the second of two; give those two"
    assert explain_count(3, 1) == line


def test_labels_that_a_mac_has_decomposed_are_composed() -> None:
    assert read_labels(unicodedata.normalize("NFD", "강아지\ncafé\n").encode()) == ("강아지", "café")
    with pytest.raises(LabelError, match="line 2 repeats 'café' of line 1"):
        read_labels("café\ncafe\u0301\n".encode())
