"""The stop button: in this process by its signal, in a script, and in a notebook's kernel."""
import signal
import subprocess
import sys
import threading
import time

from d2lcnn import evaluate_accuracy, fit, predict, summary, train
from d2lcnn.stop import StopButton

import pytest
from jupyter_client import KernelManager
from mxnet import np

from .small import CPU, equal, ready, small_data, small_net, timeless, weights


def press(times=1, between=0.0):
    for i in range(times):
        time.sleep(between if i else 0)
        signal.raise_signal(signal.SIGINT)


class Pressing:
    """A hook for `each_batch` that presses once, after batch `at`, counted from 1 over all runs."""

    def __init__(self, at=2, **how):
        self.left, self.how = at, how

    def __call__(self, history):
        self.left -= 1
        if self.left == 0:
            press(**self.how)


def run(hook=None, epochs=2, **options):
    return fit(small_net(), (small_data(), small_data()), epochs, 0.05, CPU, each_batch=hook, show=False, **options)


@pytest.fixture(autouse=True)
def no_stop_before():
    StopButton.where = None
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("at, where", [(1, "epoch 1 after batch 1 of 5"), (4, "epoch 1 after batch 4 of 5"),
                                       (5, "epoch 2 after batch 0 of 5"), (8, "epoch 2 after batch 3 of 5")])
def test_the_first_press_ends_training_after_the_batch_and_returns_the_history_so_far(capsys, at, where):
    history = run(Pressing(at))
    assert len(history.batch_loss) == at and len(history.loss) == len(history.test_acc) == at // 5
    assert not history.stopped
    assert capsys.readouterr().out == (f"interrupted in {where}: train continues from these weights; "
                                       "a second press ends the cell\n")


def test_a_press_in_the_last_evaluation_stops_nothing(capsys):
    assert len(run(Pressing(10)).loss) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("seconds", [0, 0.002])
def test_the_second_press_ends_the_cell(seconds):
    with pytest.raises(KeyboardInterrupt):
        run(Pressing(times=2, between=seconds))


def test_the_second_press_ends_a_loop():
    hook, turns = Pressing(at=7, times=2), []
    with pytest.raises(KeyboardInterrupt):
        for _ in range(3):
            turns.append(len(run(hook, epochs=1).loss))
    assert turns == [1]


LOOP = """
turns = []
for seed in range(3):
    turns.append(run(hook))
"""
TWO_RUNS = """
first = run(hook)
second = run(hook)
"""
IN_A_FUNCTION = """
turns = []
def experiment(seed):
    turns.append(run(hook))
def all_of_them():
    for seed in range(3):
        experiment(seed)
all_of_them()
"""
AS_AN_ARGUMENT = """
turns = []
[turns.append(run(hook)) for seed in range(3)]
"""


def cell(source, hook):
    """Run it as a script or a notebook's statement does, by the name `__main__`; return its names."""
    names = {"__name__": "__main__", "fit": fit, "small_net": small_net, "data": (small_data(), None), "hook": hook}
    source = source.replace("run(hook)", "fit(small_net(), data, 2, 0.05, each_batch=hook, show=False)")
    try:
        exec(compile(source, "<cell>", "exec"), names)
    except KeyboardInterrupt as error:
        names["error"] = error
    return names


@pytest.mark.parametrize("source", [LOOP, IN_A_FUNCTION, AS_AN_ARGUMENT])
def test_one_press_ends_a_loop_of_trainings(source):
    stops = StopButton.stops
    names = cell(source, Pressing())
    assert [len(history.batch_loss) for history in names["turns"]] == [2] and StopButton.stops == stops + 1
    assert str(names["error"]) == "the training before this one was stopped, in the same loop"
    # the same cell runs again, from its beginning
    assert [len(history.batch_loss) for history in cell(source, None)["turns"]] == [10] * 3


def test_after_one_press_the_next_statement_runs():
    names = cell(TWO_RUNS, Pressing())
    assert [len(names[name].batch_loss) for name in ("first", "second")] == [2, 10] and "error" not in names


def test_a_loop_in_someone_elses_module_is_theirs():
    hook = Pressing()
    assert [len(run(hook).batch_loss) for _ in range(3)] == [2, 10, 10]  # this module is not `__main__`


SCRIPT = """
import signal
import d2lcnn
from mxnet import np, npx
from mxnet.gluon import nn

batches = [(np.ones((4, 3)), np.zeros(4, dtype="int32"))] * 3
def press(history):
    if len(history.batch_loss) == 2:
        signal.raise_signal(signal.SIGINT)
for seed in range(3):
    net = nn.Dense(2)
    print(len(d2lcnn.fit(net, (batches, None), 1, 0.1, npx.cpu(), each_batch=press, show=False).batch_loss))
"""


def test_one_press_ends_a_script_whose_loop_trains(tmp_path):
    script = tmp_path / "loop.py"
    script.write_text(SCRIPT)
    process = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert [line for line in process.stdout.splitlines() if line.isdigit()] == ["2"]
    assert process.stderr.endswith("KeyboardInterrupt: the training before this one was stopped, in the same loop\n")
    assert process.returncode == -signal.SIGINT


def test_a_handler_of_the_users_own_is_left_in_place():
    seen = []

    def own(*_):
        seen.append(signal.getsignal(signal.SIGINT))
    signal.signal(signal.SIGINT, own)
    try:
        assert len(run(Pressing()).batch_loss) == 10
    finally:
        after = signal.signal(signal.SIGINT, signal.default_int_handler)
    assert seen == [own] and after is own


def test_a_press_during_the_evaluation_ends_training_after_it(capsys):
    class Test(list):
        passes = 0

        def __iter__(self):
            self.passes += 1
            if self.passes == 2:  # `train` looks at the first batch before
                press()
            return super().__iter__()
    batches = small_data()
    history = fit(small_net(), (batches, Test(batches)), 3, 0.05, CPU, show=False)
    assert len(history.batch_loss) == 5 and len(history.test_acc) == 1
    assert "interrupted in epoch 2 after batch 0 of 5" in capsys.readouterr().out


def in_a_thread(call):
    result = []
    thread = threading.Thread(target=lambda: result.append(call()))
    thread.start()
    thread.join()
    [value] = result
    return value


def test_everything_gives_in_a_thread_what_it_gives_outside():
    def learn():
        net = small_net(dropout=0.5)
        history = fit(net, (small_data(), small_data(shuffle=False)), 2, 0.05, CPU, show=False)
        return net, history
    (net, history), (other, there) = learn(), in_a_thread(learn)
    assert equal(weights(net), weights(other)) and timeless(history) == timeless(there)
    test = small_data(shuffle=False)
    for call in (lambda: evaluate_accuracy(net, test), lambda: predict(net, test).asnumpy().tolist(),
                 lambda: predict(net, np.ones((1, 8, 8))).asnumpy().tolist(), lambda: repr(summary(net, (1, 1, 8, 8)))):
        assert call() == in_a_thread(call)
    assert train(ready(), test, test, 1, 0.1, CPU, seed=1, show=False).loss == in_a_thread(
        lambda: train(ready(), test, test, 1, 0.1, CPU, seed=1, show=False)).loss


@pytest.fixture(scope="module")
def kernel():
    """A function that runs a cell in a notebook's kernel and returns its status and what it printed or raised.

    With `interrupt`, the kernel is interrupted when the cell shows something.
    """
    manager = KernelManager(transport_encryption="auto")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()

    def run(source, interrupt=False):
        said = []

        def look(message):
            content = message["content"]
            if message["msg_type"] == "display_data" and interrupt:
                manager.interrupt_kernel()
            if message["msg_type"] == "error":
                said.append(f"{content['ename']}: {content['evalue']}")
            said.append(content.get("text", ""))
        reply = client.execute_interactive(source, output_hook=look, timeout=120)
        return reply["content"]["status"], "".join(said)
    try:
        client.wait_for_ready(timeout=60)
        assert run(SCRIPT.split("for seed")[0])[0] == "ok"
        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_stop_button_of_a_notebook_returns_the_history_so_far(kernel):
    status, said = kernel("history = d2lcnn.fit(nn.Dense(2), (batches, None), 10_000, 0.1, npx.cpu())\n"
                          "print(0 < len(history.batch_loss) < 30_000)", interrupt=True)  # the curve appears at once
    assert status == "ok" and "interrupted in epoch" in said and said.endswith("True\n"), said


def test_one_press_ends_a_cell_whose_loop_trains(kernel):
    status, said = kernel("for seed in range(3):" + SCRIPT.split("range(3):")[1])
    assert status == "error" and "KeyboardInterrupt: the training before this one was stopped" in said
    assert said.startswith("interrupted in epoch 1 after batch 2 of 3") and said.count("interrupted") == 1


def test_after_one_press_the_next_statement_of_a_cell_runs(kernel):
    run = "len(d2lcnn.fit(nn.Dense(2), (batches, None), 1, 0.1, npx.cpu(), each_batch=press, show=False).batch_loss)"
    status, said = kernel(f"print({run})\nprint({run.replace('press', 'None')})")
    assert status == "ok" and said.splitlines()[1:] == ["2", "3"], said


def test_an_experiment_is_refused_in_a_notebook(kernel):
    status, said = kernel("d2lcnn.run_experiment([{'a': 1}], lambda a: print('it ran'))")
    assert status == "error" and "RuntimeError: run_experiment keeps its CSV beside the script" in said
    assert "it ran" not in said
