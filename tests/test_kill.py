"""Training processes that are killed, and others that run side by side."""
import json
import os
import random
import subprocess
import sys
import time

from d2lcnn import files

import numpy
import pytest

from .notebooks import ROOT
from .resumable_run import run


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The file and the history of a run that nothing disturbs."""
    result = tmp_path_factory.mktemp("whole") / "whole.npz"
    return result, run(result)


def start(*arguments):
    process = subprocess.Popen([sys.executable, "-m", "tests.resumable_run", *map(str, arguments)], cwd=ROOT, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=os.environ | {"OMP_WAIT_POLICY": "passive"})  # faster on busy cores
    assert process.stdout.readline() == "begins\n", process.stderr.read()
    return process


def end(process):
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, ""), err
    return out.strip()


def run_with_kills(folder, kills, longest):
    """Kill the same run at `kills` random moments, let it end, and say how many batches were kept at each kill.

    The first moment is anywhere from the start, the later ones within `longest` seconds of the first new checkpoint.
    """
    draw, checkpoint, seen = random.Random(kills), folder / "run.npz", []
    for kill in range(kills):
        process, before = start(folder / "killed.npz", checkpoint, 1), written(checkpoint)
        while kill and process.poll() is None and written(checkpoint) == before:
            time.sleep(0.001)
        time.sleep(draw.uniform(0, longest))
        process.kill()
        process.communicate()
        if process.returncode == 0:  # it was faster
            break
        seen.append(0)
        if checkpoint.exists():
            with numpy.load(checkpoint) as file:
                seen[-1] = len(json.loads(file["run.json"])["history"]["batch_loss"])
    return end(start(folder / "killed.npz", checkpoint, 1)), seen


def written(path):
    return path.stat().st_mtime_ns if path.exists() else 0


def same(first, second):
    with numpy.load(first) as a, numpy.load(second) as b:
        return a.files == b.files and all(numpy.array_equal(a[name], b[name]) for name in a.files)


def test_a_run_killed_again_and_again_equals_one_that_was_not(whole, tmp_path):
    history, seen = run_with_kills(tmp_path, kills=4, longest=0.05)
    assert history == whole[1] and same(tmp_path / "killed.npz", whole[0])
    assert seen and sorted(set(seen)) == seen, seen  # each was killed when it had come further than the one before
    assert {path.name for path in tmp_path.iterdir()} == {"run.npz", "killed.npz"}


def test_two_processes_train_at_once_from_one_data_folder_that_nobody_writes_to(whole, tmp_path):
    """They even share the checkpoint, as two kernels of one notebook would."""
    def state():
        folders = files.DATA, files.DATA / "mnist", files.DATA / "fashion-mnist"
        return {path: path.stat().st_mtime_ns for folder in folders for path in (folder, *folder.iterdir())}
    before = state()
    processes = [start(tmp_path / f"{i}.npz", tmp_path / "run.npz", 20) for i in range(2)]
    assert [end(process) for process in processes] == [whole[1]] * 2
    assert all(same(tmp_path / f"{i}.npz", whole[0]) for i in range(2))
    assert state() == before and len(list(tmp_path.iterdir())) == 3
