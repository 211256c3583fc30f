"""The PyTorch twins of 06 to 14: their form, and their answers where TORCH_PYTHON names a Python with torch."""
import ast
import importlib
import os
import subprocess

import d2lcnn

import numpy
import pytest
from mxnet import np

from .notebooks import ROOT
from .twins import TWINS, sources

TORCH_PYTHON = os.environ.get("TORCH_PYTHON")
COMPUTE = """
import sys, numpy, torch
from tests.twins import copy_weights, twin
lesson, folder = sys.argv[1:]
given = numpy.load(f"{folder}/given.npz")
X = torch.from_numpy(given["X"])
net = twin(lesson).eval()
with torch.no_grad():
    net(X)  # fixes the shapes of lazy layers
    copy_weights(net, [given[f"p{i}"] for i in range(len(given) - 1)])
    numpy.save(f"{folder}/output.npy", net(X).numpy())
"""


@pytest.mark.parametrize("lesson", TWINS)
def test_a_lesson_has_one_twin_of_a_readable_length_that_defines_net(lesson):
    [source] = sources(lesson)
    tree = ast.parse(source)
    names = {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
             if isinstance(target, ast.Name)}
    assert "net" in names
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"torch"}, imported
    lines = [line for line in source.splitlines() if line.strip()]
    assert 10 <= len(lines) <= 25 and max(map(len, lines)) <= 95


def given_to_both(lesson):
    """Our network with random weights and statistics, two images, and its outputs."""
    module, function, side = TWINS[lesson]
    net = getattr(importlib.import_module(f"d2lcnn.models.{module}"), function)()
    d2lcnn.set_seed(0)
    net.initialize(d2lcnn.HE)
    random = numpy.random.RandomState(0)
    X = random.rand(2, 1, side, side).astype("float32")
    net(np.array(X))  # fixes the shapes
    parameters = list(net.collect_params().values())
    for parameter in parameters:
        if len(parameter.shape) == 1:  # biases and the numbers of normalization, which must not be 0 or 1
            parameter.set_data(0.5 + random.rand(*parameter.shape))
    return X, [parameter.data().asnumpy() for parameter in parameters], net


@pytest.mark.skipif(not TORCH_PYTHON, reason="TORCH_PYTHON names no Python with torch")
@pytest.mark.parametrize("lesson", TWINS)
def test_with_our_weights_the_twin_answers_as_our_network_does(lesson, tmp_path):
    X, arrays, net = given_to_both(lesson)
    ours = net(np.array(X)).asnumpy()
    numpy.savez(tmp_path / "given.npz", X=X, **{f"p{i}": array for i, array in enumerate(arrays)})
    run = subprocess.run([TORCH_PYTHON, "-c", COMPUTE, lesson, tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    theirs = numpy.load(tmp_path / "output.npy")
    assert theirs.shape == ours.shape == (2, 10)
    assert ours.std() > 1e-3 and abs(theirs - ours).max() <= 1e-4 * max(1, abs(ours).max())
