import re

from d2lcnn import slides
from d2lcnn.slides import check_slides, claims

import numpy
import pytest
from mxnet import np

CSV = """id,deck,notebook,topic,slide,right,verdict,reason
C1,D0,02_a,layers,44,55,wrong,divides by k
C2,D0,02_a,ratio,23,23.3,rounded,
C3,D0,02_a,output,"[[1, 2]]","[[1, 2]]",correct,
C4,D0,02_a,difference,0,"""  + '"""<1e-5"""' + """,correct,
C5,D0,02_a,year,1998,,correct,
C6,D0,02_a,first use,first,,wrong,used before
C7,D0,03_b,other,1,1,correct,
"""
RIGHT = dict(C1=55, C2=23.34, C3=[[1, 2]], C4=-2e-6)


@pytest.fixture
def small_file(tmp_path, monkeypatch):
    (tmp_path / "slides").mkdir()
    (tmp_path / "slides/claims.csv").write_text(CSV)
    monkeypatch.setattr(slides, "DATA", tmp_path)


with_small_file = pytest.mark.usefixtures("small_file")


@with_small_file
def test_the_table_shows_what_the_slides_get_wrong_and_counts_the_rest():
    table = check_slides(**RIGHT)
    assert [(row["id"], row["shown"]) for row in table] == [("C1", "55"), ("C6", "—")]
    assert table.last_line == "3 further numbers of the slides recomputed: 2 agree exactly, 1 after rounding."
    assert "divides by k" in repr(table) and "<td" in table._repr_html_()


@with_small_file
def test_arrays_of_mxnet_and_numpy_are_taken():
    table = check_slides(C1=np.array(55), C2=np.array([23.3])[0], C3=np.array([[1, 2]]), C4=numpy.float32(0))
    assert table[0]["shown"] == "55"
    assert check_slides(**RIGHT | dict(C3=[np.array([1, 2])]))
    assert check_slides(**RIGHT | dict(C3=[[np.array(1), 2]]))


@with_small_file
@pytest.mark.parametrize("change, message", [
    (dict(C1=54), "C1 .layers.: computed 54, right is 55"),
    (dict(C1=55.4), "computed 55.4"),
    (dict(C2=23.36), "computed 23.36, right is 23.3"),
    (dict(C3=[[1, 2], [3, 4]]), "C3"),
    (dict(C3=[[1, 3]]), "C3"),
    (dict(C3=1), "C3"),
    (dict(C1=None), "C1 .*computed None"),
    (dict(C1=[55]), "C1"),
    (dict(C4=1e-4), "C4"),
    (dict(C5=1998), "C5 is no claim with a computable value"),
    (dict(C99=1), "C99 is no claim"),
    (dict(C7=1), "one notebook"),
])
def test_a_value_that_is_wrong_or_not_asked_for_is_an_error(change, message):
    with pytest.raises(ValueError, match=message):
        check_slides(**RIGHT | change)


@with_small_file
def test_a_forgotten_claim_is_an_error():
    with pytest.raises(ValueError, match="02_a not handed in: C2, C4"):
        check_slides(C1=55, C3=[[1, 2]])


@with_small_file
def test_nothing_handed_in_is_an_error():
    with pytest.raises(ValueError, match="one notebook"):
        check_slides()


@with_small_file
def test_nan_agrees_with_nothing():
    with pytest.raises(ValueError, match="C2"):
        check_slides(**RIGHT | dict(C2=float("nan")))


def test_the_projects_file_holds_all_353_claims():
    rows = claims()
    assert list(rows) == [f"C{i:03d}" for i in range(1, 354)]
    verdicts = {"correct", "rounded", "wrong", "inconsistent", "empirical", "not computable"}
    for row in rows.values():
        assert row["verdict"] in verdicts and row["topic"] and re.fullmatch(r"\d\d_[a-z_]+", row["notebook"])
