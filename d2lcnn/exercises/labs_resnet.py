"""The exercises of the lab on flavors of the residual block."""
from . import Exercise


def _flavors(*values):
    names = ("original", "BN after addition", "ReLU before addition", "ReLU-only pre-activation",
             "full pre-activation")
    return dict(zip(names, map(int, values), strict=True))


untouched = Exercise(
    _flavors(False, False, True, True, True),
    [("The original ends in a ReLU after the addition: it cuts off what is negative in x + g(x).",
      _flavors(True, False, True, True, True)),
     ("A normalization after the addition changes x as well.", _flavors(False, True, True, True, True)),
     ("In the third flavor the ReLU belongs to g: it stands before the addition, and x does not pass it.",
      _flavors(False, False, False, True, True)),
     ("In pre-activation, BN and ReLU stand in front of the convolutions of g, not on the line of x.",
      _flavors(False, False, True, False, False)),
     ("The other way round: True means that nothing but the addition is on the way.",
      _flavors(True, True, False, False, False))])

luck = Exercise(
    {"one given flavor": 5**-5, "some flavor": 5**-4},
    [("For one flavor right. Any of the five may be the winner, so the chance is five times as large.",
      {"one given flavor": 5**-5, "some flavor": 5**-5}),
     ("In one run the chance is 1/5; in five runs the chances multiply.",
      {"one given flavor": 1 / 5, "some flavor": 1}),
     ("The chances of independent runs multiply, they do not add up.",
      {"one given flavor": 1 / 25, "some flavor": 1 / 5})],
    tolerance=1e-6)
