"""What the peers share: sizes, first weights, examples, arguments, timing, and the check of a trace.

Parameters are named, and weights lie (out, in), as in the files that cgan writes.
"""

import argparse
import gzip
import json
import math
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

MNIST = Path(__file__).resolve().parent.parent.parent / "datasets" / "mnist"
SEED = 1
# Rows and columns of a digit.
SIDE = 28
NOISE = 100
RATE = 0.1
MOMENTUM = 0.5
# Largest difference of a loss from the trace's in the first step, relative for losses above 1, and how much larger it may
# be in each further step. Where two pieces of a maxout unit are equal to 1e-8, rounding decides which one wins; the
# gradient of one example then differs, and so do all losses that follow, the more the longer.
TOLERANCE, GROWTH = 1e-5, 10
# Masks are drawn from bytes.
MASK_VALUES = 256


@dataclass(frozen=True)
class Net:
    """Sizes of G and D; of D's hidden layers (units, pieces): ReLU if there is one piece, else maxout."""

    x: int
    y: int
    labels: bool
    z_units: int
    y_units: int
    combined: int | None
    sigmoid: bool
    d_x: tuple[int, int]
    d_y: tuple[int, int]
    d_joint: tuple[int, int]

    def sized(self, width, image):
        """The net with `width` times the units in every hidden layer, and for images of `image` x `image` pixels."""

        def wide(hidden):
            return hidden[0] * width, hidden[1]

        return replace(
            self,
            x=self.x if image is None else image * image,
            z_units=self.z_units * width,
            y_units=self.y_units * width,
            combined=self.combined and self.combined * width,
            d_x=wide(self.d_x),
            d_y=wide(self.d_y),
            d_joint=wide(self.d_joint),
        )

    def weights(self):
        """How many weights there are, without biases: of a layer, as many multiplications for each example."""
        return sum(out * fan_in for out, fan_in in self.shapes().values())

    def shapes(self):
        """(out, in) of each linear layer, by name."""
        width = self.z_units + self.y_units
        layers = {"generator.z": (self.z_units, NOISE), "generator.y": (self.y_units, self.y)}
        if self.combined:
            layers["generator.combined"] = (self.combined, width)
        layers["generator.output"] = (self.x, self.combined or width)
        for name, hidden, fan_in in [
            ("x", self.d_x, self.x),
            ("y", self.d_y, self.y),
            ("joint", self.d_joint, self.d_x[0] + self.d_y[0]),
        ]:
            layers[f"discriminator.{name}"] = (hidden[0] * hidden[1], fan_in)
        return layers | {"discriminator.output": (1, self.d_joint[0])}

    def initial(self, random):
        """First weights of the preset `paper`; biases are zero."""
        import numpy as np

        parameters = {}
        for name, (out, fan_in) in self.shapes().items():
            bound = np.float32(0.05 if name.startswith("generator.") else 0.005)
            parameters[f"{name}.weight"] = bound * (2 * random.random((out, fan_in), np.float32) - 1)
            parameters[f"{name}.bias"] = np.zeros(out, np.float32)
        return parameters


NETS = {
    # Section 4.1 of the paper, in both readings of the combined layer.
    "mnist": Net(
        784, 10, True, 200, 1000, combined=None, sigmoid=True, d_x=(240, 5), d_y=(50, 5), d_joint=(240, 4)
    ),
    "mnist-hidden": Net(
        784, 10, True, 200, 1000, combined=1200, sigmoid=True, d_x=(240, 5), d_y=(50, 5), d_joint=(240, 4)
    ),
    # Section 4.2.
    "tags": Net(
        200, 4096, False, 500, 2000, combined=None, sigmoid=False, d_x=(500, 1), d_y=(1200, 1), d_joint=(1000, 3)
    ),
}


def has_images(net):
    """Whether x of a net is an image, whose size can be chosen."""
    return net.startswith("mnist")


def examples(chosen, random):
    """All x and all y. Digits as bytes with class numbers, or float vectors."""
    import numpy as np

    if has_images(chosen.net):
        pixels, labels = (
            np.frombuffer(gzip.decompress((MNIST / f"train-{file}-ubyte.gz").read_bytes()), np.uint8)
            for file in ("images-idx3", "labels-idx1")
        )
        # Without the headers, and without the last sixth, which cgan puts aside for validation.
        count = 50_000
        pixels = pixels[16:].reshape(-1, SIDE, SIDE)[:count]
        # Each pixel of a larger image is the one below it: as many of them are zero as before.
        nearest = np.arange(chosen.image) * SIDE // chosen.image
        pixels = pixels[:, nearest][:, :, nearest].reshape(count, -1)
        return np.ascontiguousarray(pixels), labels[8:][:count].astype(np.int64)
    # Nothing to learn, but the sizes and the share of zeros of real ones: a quarter of a Gaussian is above 0.6745.
    words = random.standard_normal((2000, 200), np.float32)
    images = random.standard_normal((2000, 4096), np.float32)
    return words, np.maximum(images - np.float32(0.6745), 0)


def batches(batch, count, random):
    """Indices of one batch after the other; a new permutation each epoch."""
    import numpy as np

    while True:
        order = random.permutation(count).astype(np.int32)
        for start in range(0, count - batch + 1, batch):
            yield order[start : start + batch]


def arguments(description, options=()):
    """The arguments of cgan's `steps`, and further flags."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--net", choices=NETS, default="mnist", help="which nets [default: mnist]")
    parser.add_argument("--steps", type=int, default=500, metavar="N", help="steps that are timed [default: 500]")
    parser.add_argument("--warmup", type=int, default=50, metavar="N", help="steps before them [default: 50]")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="threads [default: 1]")
    orders = ("alternating", "simultaneous")
    parser.add_argument("--order", choices=orders, default=orders[0], help="who moves when [default: alternating]")
    parser.add_argument("--dropout", type=float, default=0.5, metavar="P", help="rate of dropout [default: 0.5]")
    parser.add_argument("--batch", type=int, default=100, metavar="N", help="examples in a batch [default: 100]")
    text = "units of every hidden layer, as a multiple of the paper's [default: 1]"
    parser.add_argument("--width", type=int, default=1, metavar="N", help=text)
    text = f"rows and columns of a digit, enlarged by repeating pixels; mnist only [default: {SIDE}]"
    parser.add_argument("--image", type=int, metavar="N", help=text)
    parser.add_argument("--trace", type=Path, metavar="FILE", help="check the losses of a trace; time nothing")
    for flag, text in options:
        parser.add_argument(flag, action="store_true", help=text)
    chosen = parser.parse_args()
    for flag in ("steps", "threads", "batch", "width", "image"):
        if (value := getattr(chosen, flag)) is not None and value < 1:
            parser.error(f"--{flag} {value}: at least 1 is needed")
    if not has_images(chosen.net):
        if chosen.image is not None:
            parser.error(f"--image: the net {chosen.net} has no images; leave it away or take --net mnist")
    elif chosen.image is None:
        chosen.image = SIDE
    if not (0 <= chosen.dropout < 1 and (chosen.dropout * MASK_VALUES).is_integer()):
        parser.error(f"--dropout {chosen.dropout}: not a multiple of 1/{MASK_VALUES} in [0, 1)")
    if chosen.trace:
        chosen.dropout = 0.0
    return chosen


def net_of(chosen):
    """The net that the arguments choose, at its sizes."""
    return NETS[chosen.net].sized(chosen.width, chosen.image)


def measure(chosen, who, versions, step, finish):
    """Times `step()`, whose losses `finish` waits for, and prints the line of JSON. `versions` are those of the packages
    that compute."""
    losses = finish(step())
    first = age()
    for _ in range(chosen.warmup - 1):
        losses = finish(step())
    seconds = []
    begin = before = time.perf_counter()

    def tick():
        nonlocal before
        now = time.perf_counter()
        seconds.append(now - before)
        before = now

    # A step is dispatched before the last one is waited for, so that what runs in the background can.
    pending = step()
    for _ in range(chosen.steps - 1):
        following = step()
        finish(pending)
        tick()
        pending = following
    losses = finish(pending)
    tick()
    everything = before - begin
    seconds.sort()
    q1, median, q3 = (seconds[round(share * (len(seconds) - 1))] for share in (0.25, 0.5, 0.75))
    line = {
        "who": who,
        "net": chosen.net,
        "order": chosen.order,
        "threads": chosen.threads,
        "dropout": chosen.dropout,
        "batch": chosen.batch,
        "width": chosen.width,
        "image": chosen.image,
        "versions": versions,
        "steps": chosen.steps,
        "first_step_s": first,
        "step_s": {"q1": q1, "median": median, "q3": q3},
        "steps_per_s": chosen.steps / everything,
        "peak_mib": peak_mib(),
        "d_loss": losses[0],
        "g_loss": losses[1],
    }
    print(json.dumps(line))


def check(chosen, who, begin):
    """Runs a trace from its weights: `begin(parameters)` gives `step(x, y, z_d, z_g)`, which gives both losses."""
    import numpy as np
    from safetensors.numpy import load_file

    trace = load_file(chosen.trace)
    parameters = {name.removeprefix("initial/"): t for name, t in trace.items() if name.startswith("initial/")}
    if net_of(chosen).shapes() != {
        name.removesuffix(".weight"): t.shape for name, t in parameters.items() if name.endswith(".weight")
    }:
        sys.exit(f"{who}: {chosen.trace}: not a trace of {chosen.net}")
    step = begin(parameters)
    worst, agrees = 0.0, True
    for k in range(len(trace["x"])):
        y = trace["y"][k]
        y = y[:, 0].astype(np.int64) if NETS[chosen.net].labels else y
        got = step(trace["x"][k], y, trace["z_discriminator"][k], trace["z_generator"][k])
        for name, loss in zip(("d_loss", "g_loss"), got):
            # A NaN must not pass for agreement.
            wanted = float(trace[name][k])
            difference = abs(loss - wanted) / max(1.0, abs(wanted))
            worst = max(worst, difference if math.isfinite(difference) else math.inf)
            agrees = agrees and difference <= TOLERANCE * GROWTH**k
    verdict = "agrees" if agrees else "DISAGREES"
    sizes = f"batch {chosen.batch}, width x{chosen.width}" + (f", image {chosen.image}" if chosen.image else "")
    print(f"{who}: {chosen.net}, {chosen.order}, {sizes}: {verdict}: losses of {k + 1} steps to {worst:.1e}")
    sys.exit(not agrees)


def age():
    """Seconds since Linux started this process, to a hundredth: the interpreter and its imports count, too."""
    try:
        stat = Path("/proc/self/stat").read_text()
        uptime = float(Path("/proc/uptime").read_text().split()[0])
    except OSError:
        return time.perf_counter() - LOADED
    # The 22nd field; the second may hold anything but ends with the last parenthesis.
    return uptime - int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")


def peak_mib():
    """The most memory that this process has had resident."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


LOADED = time.perf_counter()
