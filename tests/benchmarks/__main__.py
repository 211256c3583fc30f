"""`make bench`: how fast the course trains, beside its own ceiling, d2l, PyTorch and the machine. See README.md."""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from math import nan
from statistics import median

STEPS = {"LeNet": 235, "AlexNet": 8, "VGG-11/4": 10, "NiN": 8, "GoogLeNet": 8, "ResNet-18": 8, "DenseNet": 8}
TORCH = ("eager", "channels_last", "compile")


def busy():
    """CPU seconds that all processes and our finished workers have used so far."""
    with open("/proc/stat") as file:
        user, nice, system, *_ = map(int, file.readline().split()[1:])
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (user + nice + system) / os.sysconf("SC_CLK_TCK"), own.ru_utime + own.ru_stime


def measure(python, *arguments):
    """The result of one worker, without settings of threads from outside: each variant as its readers run it.

    Waits up to two minutes for a quiet machine; `others` is what other processes took of a core meanwhile.
    """
    for _ in range(60):
        before = busy()[0]
        time.sleep(2)
        if busy()[0] - before < 0.2:
            break
    start, before = time.perf_counter(), busy()
    with tempfile.TemporaryDirectory() as home:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_", "MXNET_", "DNNL_", "MALLOC_"))}
        env |= {"MXNET_HOME": home, "MPLBACKEND": "agg", "JUPYTER_PLATFORM_DIRS": "1"}
        run = subprocess.run([python, "-m", "tests.benchmarks.worker", *map(str, arguments)], env=env, text=True,
                             capture_output=True)
    if run.returncode:
        sys.exit(f"{' '.join(map(str, arguments))} failed:\n{run.stderr[-2000:]}")
    every, own = (b - a for a, b in zip(before, busy(), strict=True))
    return json.loads(run.stdout) | {"others": max(0, every - own) / (time.perf_counter() - start)}


def rounds(name, variants, python, repeats, steps):
    """`{variant: [results]}`, the variants taking turns. Of PyTorch's modes only the best of round 1 goes on."""
    results = {variant: [] for variant in variants}
    for i in range(repeats):
        for variant in variants:
            if i and variant in TORCH and variant != best(results):
                continue
            count = steps if steps and name != "LeNet" else STEPS[name]
            result = measure(python[variant in TORCH], variant, name, count)
            results[variant].append(result)
            print(f"  {name} {variant} {i + 1}: {result['rate']:,.1f} images/s, {result['peak'] / 2**30:.2f} GiB, "
                  f"others took {result['others']:.2f} cores", file=sys.stderr)
    return results


def best(results):
    """The fastest of PyTorch's modes in round 1."""
    return max((v for v in TORCH if results.get(v)), key=lambda v: results[v][0]["rate"], default=None)


def row(name, results, macs, machine):
    """The network's line of the table: median images/s, ratios, share of the machine, peak memory.

    A ratio is the median of the rounds' ratios: within a round the machine has changed least.
    """
    def middle(variant, what="rate"):
        return median([r[what] for r in results.get(variant, ())] or [nan])

    def ratio(variant):
        pairs = zip(results.get("train", ()), results.get(variant, ()), strict=False)
        return f"{median([mine['rate'] / other['rate'] for mine, other in pairs] or [nan]):.2f}"

    mode = best(results)
    cells = [name, *(f"{middle(variant):,.0f}" for variant in ("train", "bare", "d2l")), f"{middle(mode):,.0f} {mode}",
             ratio("bare"), ratio("d2l"), ratio(mode), f"{3 * macs * middle('train') / machine:.2f}",
             f"{middle('train', 'peak') / 2**30:.2f}"]
    return f"| {' | '.join(cells)} |".replace("nan None", "-").replace("nan", "-")  # what was not measured


def epochs(results):
    """How long an epoch of LeNet with its evaluation takes, beside d2l's."""
    pairs = [(mine["epoch"], other["epoch"]) for mine, other in zip(results["train"], results["d2l"], strict=True)]
    ours, theirs = map(median, zip(*pairs, strict=True))
    return (f"LeNet, an epoch with its evaluation: d2lcnn {ours:.2f} s, d2l {theirs:.2f} s, "
            f"ratio {median(other / mine for mine, other in pairs):.2f}")


def augmentation(results):
    """What random flips and shifts cost LeNet."""
    shares = [mine["rate"] / plain["rate"] for mine, plain in zip(results["augmented"], results["train"], strict=True)]
    return f"LeNet with flips and shifts trains at {median(shares):.2f} of its images/s without"


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--networks", default=",".join(STEPS), help="some of: %(default)s")
    parser.add_argument("--variants", default="train,augmented,bare,d2l,torch", help="some of: %(default)s")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--steps", type=int, help="measured steps of a network, but LeNet's (default: 8 or 10)")
    parser.add_argument("--torch", default=os.environ.get("TORCH_PYTHON"), metavar="PYTHON",
                        help="a Python with torch==2.13.0 and numpy (default: the variable TORCH_PYTHON)")
    options = parser.parse_args()
    networks, variants = options.networks.split(","), options.variants.split(",")
    if not (set(networks) <= STEPS.keys() and set(variants) <= {"train", "augmented", "bare", "d2l", "torch"}):
        parser.error(f"unknown network or variant in {options.networks} or {options.variants}")
    if "torch" in variants:
        variants.remove("torch")
        variants += TORCH if options.torch else []
        if not options.torch:
            print("PyTorch is left out: name a Python that has it with --torch or TORCH_PYTHON")
    speeds = {kind: median(measure(sys.executable, "limit", kind, 0)["rate"] for _ in range(options.repeats))
              for kind in ("product", "convolution")}
    print(f"{len(os.sched_getaffinity(0))} cores; 1e9 multiply-adds/s of a large matrix product "
          f"{speeds['product'] / 1e9:.0f}, of a large convolution {speeds['convolution'] / 1e9:.0f}\n")
    heads = ["network", "(a) d2lcnn.train", "(b) bare step", "(c) d2l train_ch6", "(d) PyTorch, best", "a/b", "a/c",
             "a/d", "share of (e)", "GiB"]
    print("| " + " | ".join(heads) + " |\n|---" + "|--:" * (len(heads) - 1) + "|")
    note = ""
    for name in networks:
        macs = measure(sys.executable, "macs", name, 0)["rate"]
        own = [variant for variant in variants if variant != "augmented" or name == "LeNet"]
        results = rounds(name, own, (sys.executable, options.torch), options.repeats, options.steps)
        print(row(name, results, macs, max(speeds.values())), flush=True)
        if name == "LeNet" and {"train", "d2l"} <= results.keys():
            note += "\n" + epochs(results)
        if {"train", "augmented"} <= results.keys():
            note += "\n" + augmentation(results)
    print(note)


main()
