"""Experiments that are run once and kept: each as the script that a reader would write."""
import re
import subprocess
import sys
from datetime import date
from types import SimpleNamespace

from d2lcnn import CORES, experiments, load_experiment, run_experiment

import pandas as pd
import pytest

SCRIPT = """
from d2lcnn import run_experiment
settings = [{"lr": lr, "seed": seed} for lr in (0.1, 0.2) for seed in range(2)]
rows = run_experiment(settings, lambda lr, seed: {"twice": 2 * lr})
print(list(rows.twice))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of records with one script."""
    monkeypatch.setattr(experiments, "DATA", tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results/07_twice.py").write_text(SCRIPT)
    return tmp_path / "results"


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """A function that runs the script in this process, as its `__main__`, and returns the lines that it prints."""
    script = folder / "07_twice.py"
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(__file__=str(script)))

    def run():
        exec(compile(script.read_text(), script, "exec"), {"__name__": "__main__"})
        return capsys.readouterr().out.splitlines()
    return run


def test_a_record_keeps_settings_results_and_how_they_came_about(folder, run, capsys):
    assert len(run()) == 5
    table = load_experiment("07_twice")
    assert list(table) == ["lr", "seed", "twice", "seconds", "recorded"] and capsys.readouterr().out == ""
    results = [[0.1, 0, 0.2], [0.1, 1, 0.2], [0.2, 0, 0.4], [0.2, 1, 0.4]]
    assert table[["lr", "seed", "twice"]].values.tolist() == results
    assert set(table.recorded) <= {str(date.today()), str(date.fromordinal(date.today().toordinal() - 1))}
    assert all(0 <= seconds < 60 for seconds in table.seconds)
    head = (folder / "07_twice.csv").read_text().splitlines()[0]
    assert re.fullmatch(rf"# recorded by python data/results/07_twice.py on {CORES} cores? of \S.*", head)
    assert not list(folder.glob("*.tmp"))


def test_a_second_call_resumes_where_the_first_was_stopped(folder, run):
    run()
    path = folder / "07_twice.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], lines[2].replace("0.2", "7.0", 1), lines[4]]) + "\n")
    out = run()
    assert len(out) == 3 and out[-1] == "[7.0, 0.4, 0.2, 0.4]"
    assert sorted(pd.read_csv(path, comment="#").twice) == [0.2, 0.4, 0.4, 7.0]


def test_a_record_is_resumed_only_on_the_machine_where_it_began(folder, run):
    run()
    path = folder / "07_twice.csv"
    path.write_text("# recorded by python data/results/07_twice.py on 64 cores of a dream\n"
                    + "".join(path.read_text().splitlines(keepends=True)[1:]))
    assert len(run()) == 1  # nothing is missing
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(ValueError, match="07_twice.csv was not recorded on .*: resume it there, or delete it"):
        run()
    assert "64 cores of a dream" in path.read_text()


STOPPED = """
import signal
import d2lcnn
from mxnet import np, npx
from mxnet.gluon import nn

batches = [(np.ones((4, 3)), np.zeros(4, dtype="int32"))] * 3
def run(seed):
    print("begun", seed, flush=True)
    def press(history):
        if seed == 1 and len(history.batch_loss) == 2:
            signal.raise_signal(signal.SIGINT)
    history = d2lcnn.fit(nn.Dense(2), (batches, None), 1, 0.1, npx.cpu(), each_batch=press, show=False)
    return {"batches": len(history.batch_loss)}
d2lcnn.run_experiment([{"seed": seed} for seed in range(3)], run)
"""


def test_a_run_that_is_stopped_is_no_result_and_ends_the_script(folder):
    (folder / "07_twice.py").write_text(STOPPED)
    process = subprocess.run([sys.executable, folder / "07_twice.py"], capture_output=True, text=True)
    assert process.stderr.endswith("KeyboardInterrupt: stopped while {'seed': 1} ran: it is not recorded\n")
    assert "begun 1" in process.stdout and "begun 2" not in process.stdout
    assert load_experiment("07_twice")[["seed", "batches"]].values.tolist() == [[0, 3]]


@pytest.mark.parametrize("main", [
    SimpleNamespace(), SimpleNamespace(__file__=None),  # python -c, an interpreter
    SimpleNamespace(__file__="/env/lib/python3.11/site-packages/ipykernel_launcher.py"),
    SimpleNamespace(__file__="/env/lib/python3.11/site-packages/IPython/__main__.py"),
    SimpleNamespace(__file__="/env/bin/ipython")])
def test_code_that_lies_in_no_script_is_refused(monkeypatch, main):
    monkeypatch.setitem(sys.modules, "__main__", main)
    with pytest.raises(RuntimeError, match="run_experiment keeps its CSV beside the script that calls it, and this is"):
        run_experiment([{"a": 1}], lambda a: pytest.fail("it ran"))


def test_a_text_that_pandas_takes_for_a_gap_is_recognized(folder, run):
    (folder / "07_twice.py").write_text(SCRIPT.replace("0.1, 0.2", "'None', 'nan'").replace("2 * lr", "len(lr)"))
    assert len(run()) == 5 and len(run()) == 1


def test_a_record_of_other_settings_is_refused_and_kept(folder, run):
    run()
    before = (folder / "07_twice.csv").read_text()
    (folder / "07_twice.py").write_text(SCRIPT.replace("seed", "start"))
    with pytest.raises(ValueError) as raised:
        run()
    columns = "lr, seed, twice, seconds, recorded, not lr, start"
    assert f"07_twice.csv has the columns {columns}: delete it" in str(raised.value)
    assert (folder / "07_twice.csv").read_text() == before


def test_an_unknown_record_is_refused_with_the_names_there_are(run):
    run()
    with pytest.raises(ValueError, match="no record '08_none': take one of 07_twice"):
        load_experiment("08_none")
