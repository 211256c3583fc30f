"""The exercises of the lessons: `check(name, answer)` says whether an answer is right, and if not, where and why.

Each lesson has a module here with its exercises; their tasks, hints and solutions stand in the lessons themselves.
"""
import importlib
import inspect
from dataclasses import dataclass, field
from pathlib import Path

import numpy

from ..device import to_numpy

__all__ = ["Exercise", "check"]


@dataclass
class Exercise:
    """What the right answer to an exercise is, and what typical wrong ones are.

    The answer is a value (a number, a text, an array, a list or dict of these) or a function. Of a function, `right` is
    one that does the same, and `cases` are tuples of arguments to compare it by, the smallest first. `view` turns an
    answer such as a network into the value that is compared. `mistakes` are pairs: what to say, and the wrong value, or
    a function that makes the mistake. Values are compared to `tolerance`.
    """

    right: object
    mistakes: list
    cases: list = field(default_factory=list)
    view: object = None
    tolerance: float = 1e-4


def check(name, answer):
    """Print whether `answer` solves the exercise `name`, such as "pooling.max_pool": a tick, or what is wrong with it.

    A function is tried with a few inputs; the smallest with a wrong result is shown beside the right one. A typical
    mistake is named. An exercise not yet begun (None, `...`, or a function that returns these) is no error. Raises
    ValueError for a name that no lesson has.
    """
    exercise = find(name)
    if answer is None or answer is ...:
        print(f"not yet: fill in your answer to {name}, then run this cell again")
    elif exercise.cases and not callable(answer):
        print(f"✗ {name}: a function is asked for, got {type(answer).__name__}")
    elif exercise.cases:
        _check_function(name, exercise, answer)
    else:
        _check_value(name, exercise, answer)


def names():
    """Return the names of all exercises."""
    modules = [importlib.import_module(f"{__name__}.{path.stem}") for path in sorted(Path(__file__).parent.glob(
        "[a-z]*.py"))]
    return [f"{module.__name__.rpartition('.')[2]}.{name}" for module in modules for name, thing in vars(module).items()
            if isinstance(thing, Exercise)]


def find(name):
    """Return the `Exercise` of this name; raise ValueError if there is none."""
    module, _, own = name.partition(".")
    if name not in names():
        near = [other for other in names() if other.partition(".")[0] == module] or names()
        raise ValueError(f"there is no exercise {name!r}: take one of {', '.join(near)}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), own)


def _check_function(name, exercise, function):
    parameters = list(inspect.signature(exercise.right).parameters)
    results = []
    for case in exercise.cases:
        right = exercise.right(*case)
        try:
            result = function(*case)
        except NotImplementedError:
            result = None
        except Exception as error:
            print(f"✗ {name}: your function ends in {type(error).__name__}: {str(error).strip().splitlines()[-1]}\n"
                  + _input(parameters, case))
            return
        if result is None or result is ...:
            print(f"not yet: your function returns nothing; fill it in, then run this cell again ({name})")
            return
        results.append((case, result, right))
    wrong = [result for result in results if not _same(result[1], result[2], exercise)]
    if not wrong:
        inputs = "1 input" if len(results) == 1 else f"all {len(results)} inputs"
        print(f"✓ {name}: right for {inputs}")
        return
    case, result, right = wrong[0]
    print(f"✗ {name}: not right yet\n{_input(parameters, case)}\nyours    {_short(_viewed(result, exercise))}\n"
          f"right    {_short(_viewed(right, exercise))}")
    for message, mistake in exercise.mistakes:
        if all(_same(result, mistake(*case), exercise) for case, result, _ in results):
            print(message)
            return


def _check_value(name, exercise, answer):
    if _same(answer, exercise.right, exercise):
        print(f"✓ {name}: right")
        return
    print(f"✗ {name}: not right yet\nyours    {_short(_viewed(answer, exercise))}")
    for message, mistake in exercise.mistakes:
        if _same(answer, mistake, exercise):
            print(message)
            return


def _viewed(value, exercise):
    return exercise.view(value) if exercise.view and value is not exercise.right else value


def _same(first, second, exercise):
    """Whether two results agree: texts without regard to case, numbers and arrays in shape and to the tolerance."""
    try:
        first, second = _viewed(first, exercise), _viewed(second, exercise)
    except Exception:  # what the learner made cannot be looked at
        return False
    return _equal(first, second, exercise.tolerance)


def _equal(first, second, tolerance):
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_equal(first[key], second[key], tolerance) for key in first)
    if isinstance(first, str) or isinstance(second, str):
        return str(first).strip().casefold() == str(second).strip().casefold()
    if isinstance(first, list | tuple) and isinstance(second, list | tuple) and any(
            isinstance(part, str | list | tuple | dict) or getattr(part, "ndim", 0) for part in (*first, *second)):
        return len(first) == len(second) and all(map(lambda a, b: _equal(a, b, tolerance), first, second))
    try:
        first, second = (to_numpy(value).astype(float) for value in (first, second))
    except (TypeError, ValueError):
        return False
    return first.shape == second.shape and numpy.allclose(first, second, rtol=tolerance, atol=tolerance)


def _input(parameters, case):
    return "input    " + "\n         ".join(f"{name} = {_short(value)}" for name, value in zip(parameters, case,
                                                                                              strict=False))


def _short(value):
    """A value in a line or a small block: arrays with their numbers, or with their shape if they are large."""
    if isinstance(value, str | dict | bool) or value is None or callable(value):
        return repr(value)
    if isinstance(value, list | tuple) and not all(isinstance(part, int | float) for part in value):
        return "(" + ", ".join(map(_short, value)) + ")"
    array = to_numpy(value)
    if array.size > 64:
        return f"an array of shape {array.shape}, mean {array.mean():.4g}"
    text = numpy.array2string(array, precision=4, suppress_small=True, separator=", ")
    return text.replace("\n", "\n         ")
