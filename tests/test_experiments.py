import signal
import subprocess
import sys

from d2lcnn import results

import pandas as pd
import pytest

SCRIPT = """
from d2lcnn import run_experiment
rows = run_experiment([{"lr": lr, "seed": seed} for lr in (0.1, 0.2) for seed in range(2)], lambda lr, seed: {"twice": 2 * lr})
print(list(rows.twice))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "DATA", tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results/07_twice.py").write_text(SCRIPT)
    return tmp_path / "results"


def run(folder):
    script = [sys.executable, folder / "07_twice.py"]
    return subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_record_keeps_settings_results_and_how_they_came_about(folder, capsys):
    assert len(run(folder)) == 5
    table = load_experiment("07_twice")
    assert table.drop(columns="seconds").values.tolist() == [[0.1, 0, 0.2], [0.1, 1, 0.2], [0.2, 0, 0.4], [0.2, 1, 0.4]]
    assert capsys.readouterr().out.startswith("recorded 20")
    assert "by python data/results/07_twice.py on " in (folder / "07_twice.csv").read_text()


def test_a_second_call_goes_on_where_the_first_was_stopped(folder):
    run(folder)
    path = folder / "07_twice.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], lines[2].replace("0.2", "7.0", 1), lines[4]]) + "\n")
    out = run(folder)
    assert len(out) == 3 and out[-1] == "[7.0, 0.4, 0.2, 0.4]"
    assert sorted(pd.read_csv(path, comment="#").twice) == [0.2, 0.4, 0.4, 7.0]


def test_a_record_goes_on_only_on_the_machine_where_it_began(folder):
    run(folder)
    path = folder / "07_twice.csv"
    path.write_text("# recorded 2026-01-01 by python data/results/07_twice.py on 64 cores of a dream\n"
                    + "".join(path.read_text().splitlines(keepends=True)[1:]))
    assert len(run(folder)) == 1  # nothing is missing
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(subprocess.CalledProcessError) as raised:
        run(folder)
    assert "07_twice.csv was not recorded on" in raised.value.stderr and "64 cores of a dream" in path.read_text()


def test_a_run_that_is_stopped_is_no_result(folder):
    (folder / "07_twice.py").write_text("""
import d2lcnn
from d2lcnn.models.lenet import lenet
from d2lcnn import run_experiment

data = d2lcnn.load_data_mnist(10, examples=10_000)
def run(seed):
    print("begun", flush=True)
    return {"loss": d2lcnn.fit(lenet(), data, 1_000, 0.1, show=False).loss[-1]}
run_experiment([{"seed": 0}, {"seed": 1}], run)
""")
    process = subprocess.Popen([sys.executable, folder / "07_twice.py"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "" and process.returncode == -signal.SIGINT
    assert not list(folder.glob("*.csv"))


def test_a_text_that_pandas_takes_for_a_gap_is_known_again(folder):
    (folder / "07_twice.py").write_text(SCRIPT.replace("0.1, 0.2", "'None', 'nan'").replace("2 * lr", "len(lr)"))
    assert len(run(folder)) == 5 and len(run(folder)) == 1


def test_a_record_of_other_settings_is_refused_and_kept(folder):
    run(folder)
    before = (folder / "07_twice.csv").read_text()
    (folder / "07_twice.py").write_text(SCRIPT.replace("seed", "start"))
    with pytest.raises(subprocess.CalledProcessError) as raised:
        run(folder)
    assert "07_twice.csv has the columns lr, seed, twice, seconds, not lr, start: delete it" in raised.value.stderr
    assert (folder / "07_twice.csv").read_text() == before


def test_an_unknown_record_is_refused_with_the_names_there_are(folder):
    run(folder)
    with pytest.raises(ValueError, match="no record '08_none': take one of 07_twice"):
        load_experiment("08_none")
