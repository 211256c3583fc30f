"""Every exercise: its folded solution gets the tick, its stub "not yet", and each typical mistake its sentence."""
from d2lcnn.exercises import Exercise, _check_function, _check_value, check, find, names

import numpy
import pytest

from .notebooks import LABS, LESSONS, exercises

IN_PAGES = [(path.stem, *exercise) for path in LESSONS + LABS for exercise in exercises(path)]
in_pages = pytest.mark.parametrize("page, name, stub, solution, before", IN_PAGES, ids=[f"{e[0]}-{e[1]}" for e in
                                                                                          IN_PAGES])


def run(source, before, capsys):
    """Run a cell after what its page has defined, and return what it printed."""
    page = {"__name__": "page"}
    exec(before, page)
    capsys.readouterr()
    exec(source, page)
    return capsys.readouterr().out


@in_pages
def test_the_stub_is_not_yet_and_the_solution_is_right(page, name, stub, solution, before, capsys):
    assert run(stub, before, capsys).startswith("not yet: ")
    assert solution, "no folded solution follows"
    call = stub[stub.index("d2lcnn.check("):]  # the page's own last lines
    assert run(f"{solution}\n{call}" if "d2lcnn.check(" not in solution else solution, before,
               capsys).startswith(f"✓ {name}: right")


def test_every_exercise_stands_in_one_page():
    assert sorted(name for _, name, *_ in IN_PAGES) == sorted(names())


@pytest.mark.parametrize("name", names())
def test_at_least_three_typical_mistakes_are_named(name, capsys):
    exercise = find(name)
    assert len(exercise.mistakes) >= 3
    for message, mistake in exercise.mistakes:
        answer = mistake
        if exercise.view and not exercise.cases:  # the value that such an answer would show
            exercise = Exercise(**vars(exercise) | {"view": None})
        (_check_function if exercise.cases else _check_value)(name, exercise, answer)
        said = capsys.readouterr().out.splitlines()
        assert said[0].startswith(f"✗ {name}: ") and said[-1] == message, said


def double(x):
    return 2 * x


DOUBLE = Exercise(double, [("That is the square.", lambda x: x**2)], [(0,), (1,), (numpy.array([1.0, 2.0]),)])


@pytest.fixture
def exercise(monkeypatch):
    monkeypatch.setattr("d2lcnn.exercises.find", lambda name: DOUBLE)


@pytest.mark.parametrize("answer, said", [
    (None, "not yet: fill in your answer to a.b"),
    (..., "not yet: fill in your answer to a.b"),
    (lambda x: None, "not yet: your function returns nothing"),
    (lambda x: ..., "not yet: your function returns nothing"),
    (3, "✗ a.b: a function is asked for, got int"),
    (lambda x: 1 / x, "✗ a.b: your function ends in ZeroDivisionError: division by zero\ninput    x = 0"),
    (lambda x: x + x, "✓ a.b: right for all 3 inputs\n"),
    (lambda x: x + 1, "✗ a.b: not right yet\ninput    x = 0\nyours    1\nright    0\n"),
    (lambda x: x**2, "✗ a.b: not right yet\ninput    x = 1\nyours    1\nright    2\nThat is the square.\n"),
    (lambda x: x * numpy.array([2, 2]) if x.size == 2 else 2 * x, "✗ a.b: your function ends in AttributeError: "),
])
def test_what_check_says(exercise, capsys, answer, said):
    check("a.b", answer)
    assert capsys.readouterr().out.startswith(said)


def test_an_unknown_exercise_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match="no exercise 'lenet.none': take one of lenet.parameters, lenet."):
        check("lenet.none", 1)
