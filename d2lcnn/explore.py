"""A kernel on an image, window by window, with controls to move it. First used in notebook 02."""
from io import BytesIO
from threading import Lock

import ipywidgets as widgets
import numpy
from matplotlib import pyplot as plt

from .device import to_numpy
from .plot import show_arrays

__all__ = ["explore_kernels"]


def explore_kernels(image, kernels, kernel=None, row=0, column=0):
    """Show a small gray image, a kernel, the products of one window, their sum, and the whole output.

    `image` is a matrix of numbers, `kernels` a dict of names and small matrices; the others say where to begin. In a
    running notebook a menu and two sliders choose the kernel and move the window; elsewhere a picture remains. Raises
    ValueError if a kernel does not fit into the image.
    """
    image = to_numpy(image).astype(float)  # sums of bytes would overflow
    kernels = {name: to_numpy(K).astype(float) for name, K in kernels.items()}
    for name, K in kernels.items():
        if image.ndim != 2 or K.ndim != 2 or not (numpy.array(K.shape) <= image.shape).all():
            raise ValueError(f"the kernel {name!r} of shape {K.shape} does not fit an image of shape {image.shape}")
    high, wide = (image.shape[axis] - max(K.shape[axis] for K in kernels.values()) for axis in (0, 1))
    menu = widgets.Dropdown(options=list(kernels), value=kernel or next(iter(kernels)), description="kernel")
    down = widgets.IntSlider(row, 0, high, description="row")
    right = widgets.IntSlider(column, 0, wide, description="column")
    picture, lock = widgets.Image(), Lock()

    def redraw(_=None):
        with lock:  # JupyterLab may call this from several threads
            picture.value = _picture(image, menu.value, kernels[menu.value], down.value, right.value)

    for control in (menu, down, right):
        control.observe(redraw, "value")
    redraw()
    explorer = widgets.VBox([widgets.HBox([menu, down, right]), picture])
    from IPython.display import display
    display({**explorer._repr_mimebundle_(), "text/plain": "kernel explorer", "image/png": bytes(picture.value)},
            raw=True)


def _picture(image, name, K, row, column):
    k_h, k_w = K.shape
    windows = numpy.lib.stride_tricks.sliding_window_view(image, K.shape)
    products = windows[row, column] * K
    show_arrays([image, K, products, (windows * K).sum(axis=(2, 3))],
                ["image", name, f"products, sum {products.sum() + 0.0:.4g}", "output"],
                [(row, column, k_h, k_w), None, None, (row, column, 1, 1)], gray=[0], scale=0.38)
    png = BytesIO()
    plt.savefig(png, format="png")
    plt.close()
    return png.getvalue()
