"""The PyTorch twins that lessons 06 to 14 print under "The same in PyTorch", taken out of the pages.

Also imported by a Python that has torch and not this course: it needs nothing but the standard library.
"""
import json
import re
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
TWINS = {  # lesson: its network in d2lcnn.models (module, function), the side of the images that the twin takes
    "06_lenet": ("lenet", "lenet", 28), "07_alexnet": ("alexnet", "alexnet", 224), "08_vgg": ("vgg", "vgg11", 32),
    "09_inception": ("googlenet", "googlenet", 96), "10_batch_norm": ("lenet_bn", "lenet_bn", 28),
    "11_resnet": ("resnet", "resnet18", 96), "12_densenet": ("densenet", "densenet_small", 96),
    "14_activations_and_initialization": ("plain", "plain", 28)}


def sources(lesson):
    """Return the ```python blocks of the lesson's section "The same in PyTorch": there should be one."""
    notebook = json.loads((NOTEBOOKS / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    text = "\n\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    section = re.search(r"^## The same in PyTorch$(.*?)(?=^## |\Z)", text, re.M | re.S)
    return re.findall(r"^```python\n(.*?)^```", section[1], re.M | re.S) if section else []


def twin(lesson):
    """Return a new `net` of the lesson's twin; needs torch."""
    page = {"__name__": lesson}
    exec(sources(lesson)[0], page)
    return page["net"]


def copy_weights(net, arrays):
    """Give `net` the arrays of our network, in the order of its `collect_params()`; raise ValueError if they differ."""
    import torch
    places = [tensor for module in net.modules() for name in ("weight", "bias", "running_mean", "running_var")
              if (tensor := getattr(module, name, None)) is not None]
    if [tuple(place.shape) for place in places] != [array.shape for array in arrays]:
        raise ValueError(f"shapes in PyTorch {[tuple(place.shape) for place in places]}, here "
                         f"{[array.shape for array in arrays]}")
    with torch.no_grad():
        for place, array in zip(places, arrays, strict=True):
            place.copy_(torch.from_numpy(array))
