"""The exercises of the labs of notebook 01."""
from . import Exercise

peak = Exercise(
    lambda cores, lanes, ghz: 2 * cores * lanes * ghz / 1000,
    [("A multiply-add counts as two operations: the factor 2 is missing.",
      lambda cores, lanes, ghz: cores * lanes * ghz / 1000),
     ("That is in billions per second (GFLOPS): a trillion is a thousand times as much.",
      lambda cores, lanes, ghz: 2 * cores * lanes * ghz),
     ("Each core has that many lanes: multiply the two numbers.",
      lambda cores, lanes, ghz: 2 * (cores + lanes) * ghz / 1000),
     ("That is in operations per second: divide by 1e12.",
      lambda cores, lanes, ghz: 2 * cores * lanes * ghz * 1e9)],
    [(1, 1, 1.0), (4, 16, 4.0), (72, 64, 1.77)])
