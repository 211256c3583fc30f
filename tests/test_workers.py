"""Training by several processes with Horovod, which are killed and resume, also on two hosts."""
import functools
import importlib.util
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from .notebooks import ROOT
from .test_kill import same, written

if not importlib.util.find_spec("horovod"):
    pytest.skip("left out: Horovod is not installed, make horovod", allow_module_level=True)


def start(n, *arguments, before=(), hosts=(), python=Path(sys.executable)):
    """Start tests/resumable_run.py in `n` workers."""
    run = [python, python.with_name("horovodrun"), "-np", n, *hosts, python, "-m", "tests.resumable_run", *arguments]
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


@pytest.mark.parametrize("n", [2, 4])
def test_all_workers_end_with_the_same_weights(whole, n):
    assert all(same(whole(n)[0], other) for other in whole(n)[1:])


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


def test_two_hosts_work_as_one(whole, two_hosts, tmp_path):
    (tmp_path / "course").symlink_to(ROOT)  # Horovod does not quote a path with a space
    python = tmp_path / "course" / Path(sys.executable).relative_to(ROOT)
    end(start(4, tmp_path / "{}.npz", before=two_hosts, hosts=["-H", "host1:2,host2:2"], python=python))
    assert all(same(tmp_path / f"{i}.npz", whole(4)[i]) for i in range(4))
