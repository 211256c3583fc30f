"""The exercises of the labs of notebook 09, and of the lab on later Inceptions."""
import numpy

from . import Exercise


def _field_and_weights(kernels, grow=1, weights=sum):
    rows, columns = (1 + sum(k[i] - grow for k in kernels) for i in (0, 1))
    return rows, columns, weights(k_h * k_w for k_h, k_w in kernels)


field_and_weights = Exercise(
    _field_and_weights,
    [("A kernel of k rows adds k - 1 rows to the field: it covers one that was already there.",
      lambda kernels: _field_and_weights(kernels, grow=0)),
     ("The weights of layers that follow each other add up.",
      lambda kernels: _field_and_weights(kernels, weights=lambda numbers: numpy.prod(list(numbers)))),
     ("Those are the weights of one kernel that sees all of the field.",
      lambda kernels: (*_field_and_weights(kernels)[:2], numpy.prod(_field_and_weights(kernels)[:2]))),
     ("Rows come first: rows, columns, weights.",
      lambda kernels: (_field_and_weights(kernels)[1], _field_and_weights(kernels)[0],
                       _field_and_weights(kernels)[2]))],
    [([(3, 3)],), ([(1, 3), (3, 1)],), ([(3, 3), (3, 3)],), ([(1, 7), (7, 1), (1, 3)],)])

nin_parameters = Exercise(
    {"two of 1 x 1": 295_680, "one of 3 x 3": 1_327_488},
    [("The biases are missing: one for each output channel.",
      {"two of 1 x 1": 294_912, "one of 3 x 3": 1_327_104}),
     ("There are two of them.", {"two of 1 x 1": 147_840, "one of 3 x 3": 1_327_488}),
     ("Every output channel reads all 384 channels.",
      {"two of 1 x 1": 2 * 384 * 2, "one of 3 x 3": 384 * 10})])

identity = Exercise(
    lambda n: numpy.eye(n).reshape(n, n, 1, 1),
    [("The shape must be (n, n, 1, 1): rows and columns of the kernel come last.", lambda n: numpy.eye(n)),
     ("With ones everywhere each output channel is the sum of all input channels.",
      lambda n: numpy.ones((n, n, 1, 1))),
     ("That hands the channels on in reverse order.", lambda n: numpy.eye(n)[::-1].reshape(n, n, 1, 1)),
     ("With zeros nothing comes out.", lambda n: numpy.zeros((n, n, 1, 1)))],
    [(2,), (3,), (10,)])
