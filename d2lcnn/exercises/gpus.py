"""The exercises of notebook 01."""
from . import Exercise

multiply_adds = Exercise(
    lambda m, k, n: m * k * n,
    [("That counts the numbers of the result: each of them takes k products.", lambda m, k, n: m * n),
     ("An operation here is a product *and* its addition, counted as one.", lambda m, k, n: 2 * m * k * n),
     ("That counts the numbers of both matrices.", lambda m, k, n: m * k + k * n)],
    [(2, 2, 2), (2, 3, 4), (1000, 1000, 1000)])

hours = Exercise(
    lambda multiply_adds, tflops: 2 * multiply_adds / (tflops * 1e12) / 3600,
    [("A multiply-add is two operations: a multiplication and an addition.",
      lambda multiply_adds, tflops: multiply_adds / (tflops * 1e12) / 3600),
     ("Those are seconds: an hour has 3,600.", lambda multiply_adds, tflops: 2 * multiply_adds / (tflops * 1e12)),
     ("Those are minutes: divide by 60 once more.",
      lambda multiply_adds, tflops: 2 * multiply_adds / (tflops * 1e12) / 60),
     ("Tera is 10 to the power of 12, not 9.",
      lambda multiply_adds, tflops: 2 * multiply_adds / (tflops * 1e9) / 3600)],
    [(1.8e15, 1.0), (10.24e15, 0.15), (10.24e15, 12.0)])
