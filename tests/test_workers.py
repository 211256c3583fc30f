"""Training by several processes: the parts of the data, and what Horovod does with real processes that are killed."""
import functools
import importlib.util
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress

import d2lcnn
from d2lcnn import workers

import numpy
import psutil
import pytest
from mxnet import npx
from mxnet.gluon import nn

from .notebooks import ROOT
from .small import sequence, small_data
from .test_kill import same, written

horovod = pytest.mark.skipif(not importlib.util.find_spec("horovod"), reason="Horovod is not installed: make horovod")


def test_parts_are_equally_large_disjoint_and_keep_what_batches_are():
    batches = small_data(20, batch_size=4).augmented(flip=0.5)
    parts = [batches.part(i, 3) for i in range(3)]
    assert [len(part.labels) for part in parts] == [6] * 3
    assert all(repr(part).replace("6 images", "20 images") == repr(batches) for part in parts)
    together = numpy.stack([part.images.asnumpy() for part in parts], axis=1).reshape(18, 8, 8, 1)
    assert (together == batches.images.asnumpy()[:18]).all()


@pytest.mark.parametrize("i, n", [(3, 3), (-1, 3), (0, 0), (0, 21), (0.5, 2), ("0", 2)])
def test_a_part_that_is_none_is_refused(i, n):
    with pytest.raises(ValueError, match=f"part {i!r} of {n!r}: there must be 1..20 parts"):
        small_data(20).part(i, n)


def test_alone_nothing_is_shared(monkeypatch):
    batches = small_data()
    assert workers.share(batches) is batches and workers.agree([3]) == [3]
    monkeypatch.setattr(workers, "SIZE", 2)
    assert len(workers.share(batches).labels) == 9
    with pytest.raises(ValueError, match="train_iter must be Batches to be shared by 2 workers, got list"):
        workers.share([1, 2])
    with pytest.raises(ValueError, match="device must be one context in each of 2 workers"):
        d2lcnn.fit(sequence(nn.Dense(3)), (batches, None), 1, 0.1, [npx.cpu(0), npx.cpu(1)])


def test_without_horovod_the_error_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "horovod", None)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    with pytest.raises(ImportError, match="Horovod is not installed in this environment .*: make horovod"):
        workers.start()


def start(n, *arguments, before=(), hosts=()):
    """Start tests/resumable_run.py in `n` workers."""
    run = [shutil.which("horovodrun", path=os.path.dirname(sys.executable)), "-np", n, *hosts,
           sys.executable, "-m", "tests.resumable_run", *arguments]
    return subprocess.Popen(list(map(str, [*before, *run])), cwd=ROOT, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, env=os.environ | {"OMP_WAIT_POLICY": "passive"})


def end(job):
    """What the job has printed; it must have ended well."""
    printed = job.communicate(timeout=120)[0]
    assert job.returncode == 0, printed
    return printed


def processes(job):
    """The workers of a job that run."""
    found = []
    for process in psutil.Process(job.pid).children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            if process.cmdline()[:2] == [sys.executable, "-m"]:
                found.append(process)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The files of all of n workers after a run that nothing disturbs."""
    @functools.cache
    def run(n):
        folder = tmp_path_factory.mktemp("whole")
        printed = end(start(n, folder / "{}.npz"))
        assert printed.count("begins") == n and printed.count("epoch") == 0  # show=False
        return [folder / f"{i}.npz" for i in range(n)]
    return run


@horovod
@pytest.mark.parametrize("n", [2, 4])
def test_all_workers_end_with_the_same_weights(whole, n):
    assert all(same(whole(n)[0], other) for other in whole(n)[1:])


@horovod
@pytest.mark.parametrize("n", [2, 4])
def test_a_killed_worker_ends_the_job_and_the_same_command_resumes_bit_for_bit(whole, tmp_path, n):
    draw, checkpoint = random.Random(n), tmp_path / "run.npz"
    arguments = n, tmp_path / "{}.npz", checkpoint, 1
    for _ in range(2):
        job, before = start(*arguments), written(checkpoint)
        while job.poll() is None and written(checkpoint) == before:
            time.sleep(0.005)
        time.sleep(draw.uniform(0, 0.1))
        draw.choice(processes(job)).kill()
        printed = job.communicate(timeout=120)[0]
        assert job.returncode != 0 and "exit with status code 137" in printed, printed
    end(start(*arguments))
    assert all(same(tmp_path / f"{i}.npz", whole(n)[i]) for i in range(n))
    assert not list(tmp_path.glob("*.tmp"))


@horovod
def test_workers_that_see_different_checkpoints_end_with_an_error(tmp_path):
    """As on machines without a folder in common: the file of worker 0 alone exists."""
    end(start(2, tmp_path / "{}.npz", tmp_path / "0.checkpoint", 20))
    job = start(2, tmp_path / "{}.npz", tmp_path / "{}.checkpoint", 20)
    printed = job.communicate(timeout=120)[0]
    assert job.returncode != 0 and "worker 1 found a checkpoint of 0 batches, worker 0 one of 50" in printed, printed


@pytest.fixture
def two_hosts(tmp_path):
    """A program that runs a command as on host1, from where ssh reaches host2.

    The hosts are network namespaces, joined by a wire, with names of their own; ssh is imitated.
    """
    def ip(arguments):
        subprocess.run(["ip", *arguments.split()], check=True, capture_output=True)
    try:
        for i in (1, 2):
            ip(f"netns add host{i}")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces here ({error}): they need Linux, root and iproute2")
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n10.77.0.1 host1\n10.77.0.2 host2\n")
    (tmp_path / "on").write_text(f"""#!/bin/sh
host=$1; shift
exec ip netns exec "$host" unshare --mount --uts sh -c '
mount --bind "{tmp_path}/hosts" /etc/hosts && hostname "$0" && PATH="{tmp_path}:$PATH" exec "$@"' "$host" "$@"
""")
    (tmp_path / "ssh").write_text(f"""#!/bin/sh
while [ "$1" = -o ]; do shift 2; done
host=$1; shift
while [ "$1" = -o ]; do shift 2; done
exec "{tmp_path}/on" "$host" sh -c "$*"
""")
    for program in "on", "ssh":
        (tmp_path / program).chmod(0o755)
    try:
        ip("link add wire netns host1 type veth peer name wire netns host2")
        for i in (1, 2):
            for command in (f"addr add 10.77.0.{i}/24 dev wire", "link set wire up", "link set lo up"):
                ip(f"-n host{i} {command}")
        yield tmp_path / "on", "host1"
    finally:
        for i in (1, 2):
            ip(f"netns del host{i}")


@horovod
def test_two_hosts_work_as_one(whole, two_hosts, tmp_path):
    end(start(4, tmp_path / "{}.npz", before=two_hosts, hosts=["-H", "host1:2,host2:2"]))
    assert all(same(tmp_path / f"{i}.npz", whole(4)[i]) for i in range(4))
