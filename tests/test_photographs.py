"""Every photograph has an author, a license and a source in data/photos/origin.csv, and is the one that it names."""
import csv
import hashlib

from d2lcnn.files import DATA


def test_every_photograph_is_listed_with_its_license_and_is_the_original():
    with (DATA / "photos" / "origin.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    found = {path.relative_to(DATA).as_posix() for name in ("photos", "own") for path in (DATA / name).rglob("*.jpg")}
    assert found == set(rows)
    for name, row in rows.items():
        assert row["license"] in ("CC0", "public domain") and row["author"] and row["source"], name
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == row["sha256"], name


def test_no_photograph_is_there_twice_and_each_class_of_own_has_at_least_40():
    with (DATA / "photos" / "origin.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["sha256"] for row in rows}) == len({row["in_package"] for row in rows}) == len(rows)
    for name in "animals", "buildings", "objects":
        assert len(list((DATA / "own" / name).iterdir())) >= 40
