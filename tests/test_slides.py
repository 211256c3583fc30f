import re

from d2lcnn import slides
from d2lcnn.slides import Slides, claims

import numpy
import pytest
from mxnet import np

CSV = """id,deck,notebook,topic,slide,right,verdict,reason
C1,D0,02_a,layers to 4 pixels,44,55,wrong,divides by k
C2,D0,02_a,ratio of weights,23,23.3,rounded,cut
C3,D0,03_b,output,"[[1, 2]]","[[1, 2]]",correct,
C4,D0,02_a,difference,0,"""  + '"""<1e-5"""' + """,correct,
C5,D0,02_a,year,1998,,correct,
C6,D0,02_a,first use,first,,inconsistent,used before
C7,D1,03_b,layers,1,1000,correct,
"""
RIGHT = {"layers to 4": 55, "ratio": 23.34, "output": [[1, 2]], "difference": -2e-6}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A `Slides` of the small file."""
    (tmp_path / "slides").mkdir()
    (tmp_path / "slides/claims.csv").write_text(CSV)
    monkeypatch.setattr(slides, "DATA", tmp_path)
    return Slides()


def test_a_check_shows_what_the_slide_says_beside_what_was_computed(small):
    table = small.check(RIGHT)
    assert repr(table).splitlines() == ["layers to 4 pixels | Intel | 44 | 55 | wrong",
                                        "ratio of weights | Intel | 23 | 23.34 | rounded",
                                        "output | Intel | [[1, 2]] | 1, 2 | correct",
                                        "difference | Intel | 0 | <1e-5 | correct"]
    html = table._repr_html_()
    assert html.count("<tr>") == 5 and "<b>wrong</b>" in html and "&lt;1e-5" in html


def test_a_lectures_mistakes_are_shown_with_reasons_the_gravest_first_facts_included(small):
    small.check(RIGHT)
    assert repr(small.mistakes("Intel")).splitlines() == [
        "layers to 4 pixels | 44 | 55 | wrong | divides by k",
        "first use | first | — | inconsistent | used before",
        "ratio of weights | 23 | 23.34 | rounded | cut",
        "Correct values of this lecture: 2."]


def test_a_forgotten_claim_is_an_error_in_its_own_lecture_only(small):
    small.check({"layers to 4": 55, "output": [[1, 2]], "layers": 1000})
    with pytest.raises(ValueError, match=r"Intel that were not handed in: C2 \(ratio of weights\), C4 \(difference\)$"):
        small.mistakes("Intel")
    assert small.mistakes("CS231n") == []


def test_claims_may_be_handed_in_one_after_the_other(small):
    for name, value in RIGHT.items():
        small.check({name: value})
    assert len(small.mistakes("Intel")) == 3


def test_a_name_is_the_beginning_of_one_topic_or_a_whole_one(small):
    assert small.check({"layers": 1000})[0]["id"] == "C7"
    assert small.check({"layers ": 55})[0]["id"] == "C1"
    with pytest.raises(ValueError, match="'' must be the beginning of one claim's topic, it is that of 7"):
        small.check({"": 1})
    with pytest.raises(ValueError, match="'weights' must be .* it is that of 0"):
        small.check({"weights": 1})


def test_arrays_of_mxnet_and_numpy_are_taken(small):
    table = small.check({"layers to": np.array(55), "ratio": np.array([23.3])[0], "output": np.array([[1, 2]]),
                         "difference": numpy.float32(0)})
    assert [row["computed"] for row in table] == ["55", "23.3", "1, 2", "<1e-5"]
    for value in ([np.array([1, 2])], [[np.array(1), 2]], [(1.0, 2)]):
        assert Slides().check({"output": value})


@pytest.mark.parametrize("name, value", [
    ("layers to", 54), ("layers to", 55.4), ("layers to", None), ("layers to", [55]), ("ratio", 23.36),
    ("ratio", float("nan")), ("output", [[1, 2], [3, 4]]), ("output", [[1, 3]]), ("output", 1), ("difference", 1e-4),
    ("difference", float("nan")),
])
def test_a_value_that_is_wrong_is_named_and_does_not_count_as_handed_in(small, name, value):
    topic = next(row["topic"] for row in small.claims.values() if row["topic"].startswith(name))
    with pytest.raises(ValueError, match=rf"^C\d \({topic}\): computed .*, right is "):
        small.check({name: value})
    with pytest.raises(ValueError, match=re.escape(f"({topic})")):
        small.mistakes("Intel")


def test_the_message_shows_both_values(small):
    with pytest.raises(ValueError, match=r"computed \[\[1, 3\]\], right is \[\[1, 2\]\]"):
        small.check({"output": [[1, 3]]})
    with pytest.raises(ValueError, match=r"computed 23.36, right is 23.3$"):
        small.check({"ratio": 23.36})


def test_a_fact_has_nothing_to_compare(small):
    with pytest.raises(ValueError, match=r"C5 \(year\) has no value to compute"):
        small.check({"year": 1998})


def test_a_claim_is_handed_in_once(small):
    small.check({"output": [[1, 2]]})
    with pytest.raises(ValueError, match=r"C3 \(output\) is handed in for the second time"):
        small.check({"output": [[1, 2]]})


def test_an_unknown_lecture_is_an_error(small):
    with pytest.raises(ValueError, match="no lecture 'D0': take one of Intel, CS231n"):
        small.mistakes("D0")


def test_whole_numbers_have_separators_and_decimals_all_right_digits(small):
    assert small.check({"layers": 1000})[0]["computed"] == "1,000"
    decimal = slides.Decimal
    assert slides._shown([2419.83, 0.123456, -4], [decimal("2419.8"), decimal("0.12"), -4]) == "2419.8, 0.1235, -4"
    assert slides._shown([[1, 2], [3, 4000]], [[1, 2], [3, 4000]]) == "1, 2 / 3; 4,000"


def test_the_projects_file_holds_all_353_claims():
    rows = claims()
    assert list(rows) == [f"C{i:03d}" for i in range(1, 354)]
    assert len({row["topic"] for row in rows.values()}) == 353
    verdicts = {"correct", "rounded", "wrong", "inconsistent", "empirical", "not computable"}
    for row in rows.values():
        assert row["verdict"] in verdicts and row["topic"] and re.fullmatch(r"\d\d_[a-z_]+", row["notebook"])
        assert row["reason"] or row["verdict"] not in ("wrong", "inconsistent", "rounded"), "a mistake has a reason"
        assert " | " not in row["topic"]
