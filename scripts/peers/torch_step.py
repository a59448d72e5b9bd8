#!/usr/bin/env python3
"""The training step in PyTorch: one line of JSON, as cgan's `steps` prints it."""

import os

import nets

# Before the imports, so that --help needs nothing.
ARGUMENTS = nets.arguments(__doc__, [("--compile", "with torch.compile; alternating only")])
if ARGUMENTS.compile and ARGUMENTS.order == "simultaneous":
    # A compiled pass has one backward pass; simultaneous updates take two, each to one net.
    raise SystemExit("torch_step: --compile: only of alternating updates")
os.environ["OMP_NUM_THREADS"] = str(ARGUMENTS.threads)

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

NET = nets.net_of(ARGUMENTS)


class Dropout(nn.Module):
    """nn.Dropout draws a Bernoulli number per entry, which takes longer than a product; eight bytes of one random
    integer make eight masks."""

    def forward(self, x):
        if ARGUMENTS.dropout == 0:
            return x
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        kept = words.view(torch.uint8)[: x.numel()].view_as(x) >= int(ARGUMENTS.dropout * nets.MASK_VALUES)
        return x * kept.to(x.dtype).mul_(1 / (1 - ARGUMENTS.dropout))


class Lookup(nn.Module):
    """A linear layer of one-hot labels; its weight is (classes, out)."""

    def __init__(self, classes, out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(classes, out))
        self.bias = nn.Parameter(torch.empty(out))

    def forward(self, y):
        return F.embedding(y, self.weight) + self.bias


def linear(condition, fan_in, out):
    return Lookup(fan_in, out) if condition and NET.labels else nn.Linear(fan_in, out)


class Maxout(nn.Module):
    """The largest of `pieces` values for each unit; ReLU if there is one piece."""

    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def forward(self, x):
        # amax: max(dim) takes twice as long.
        return F.relu(x) if self.pieces == 1 else x.unflatten(1, (self.pieces, -1)).amax(1)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.z = linear(False, nets.NOISE, NET.z_units)
        self.y = linear(True, NET.y, NET.y_units)
        width = NET.z_units + NET.y_units
        if NET.combined:
            self.combined = linear(False, width, NET.combined)
        self.output = linear(False, NET.combined or width, NET.x)
        self.dropout = Dropout()

    def forward(self, z, y):
        # One pass over both parts.
        h = self.dropout(F.relu(torch.cat([self.z(z), self.y(y)], dim=1)))
        if NET.combined:
            h = self.dropout(F.relu(self.combined(h)))
        x = self.output(h)
        return torch.sigmoid(x) if NET.sigmoid else x


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        layers = NET.shapes()
        for name in ("x", "y", "joint", "output"):
            out, fan_in = layers[f"discriminator.{name}"]
            setattr(self, name, linear(name == "y", fan_in, out))
        self.x_units, self.y_units, self.joint_units = (Maxout(h[1]) for h in (NET.d_x, NET.d_y, NET.d_joint))
        self.dropout = Dropout()

    def condition(self, y):
        """What real and fake examples of the same conditions share."""
        return self.y_units(self.y(y))

    def forward(self, x, condition):
        both = self.dropout(torch.cat([self.x_units(self.x(x)), condition], dim=1))
        return self.output(self.dropout(self.joint_units(self.joint(both))))


def d_loss(real, fake):
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def g_loss(fake):
    return F.softplus(-fake).mean()


class Training:
    def __init__(self, parameters):
        self.g, self.d = Generator(), Discriminator()
        self.nets = nn.ModuleDict({"generator": self.g, "discriminator": self.d})
        with torch.no_grad():
            for name, w in self.nets.named_parameters():
                value = torch.from_numpy(parameters[name])
                # Lookups have their weights the other way round.
                w.copy_(value if value.shape == w.shape else value.T)
        self.g_optimizer, self.d_optimizer = (
            torch.optim.SGD(net.parameters(), lr=nets.RATE, momentum=nets.MOMENTUM, fused=True)
            for net in (self.g, self.d)
        )
        self.g_parameters, self.d_parameters = list(self.g.parameters()), list(self.d.parameters())
        self.draw = self.g
        if ARGUMENTS.compile:
            self.judge_both, self.judge_fake = torch.compile(self.judge_both), torch.compile(self.judge_fake)
            self.draw = torch.compile(self.g)

    def judge_both(self, x, y, fake):
        """D's loss; one batch of twice the size is faster than two."""
        condition = self.d.condition(y)
        logits = self.d(torch.cat([x, fake]), torch.cat([condition, condition]))
        return d_loss(*logits.chunk(2))

    def judge_fake(self, y, z):
        return g_loss(self.d(self.g(z, y), self.d.condition(y)))

    def alternating(self, x, y, z_d, z_g):
        with torch.no_grad():
            fake = self.draw(z_d, y)
        loss_d = self.judge_both(x, y, fake)
        loss_d.backward()
        self.move(self.d_optimizer)
        # No gradients of D's weights.
        self.d.requires_grad_(False)
        loss_g = self.judge_fake(y, z_g)
        loss_g.backward()
        self.move(self.g_optimizer)
        self.d.requires_grad_(True)
        return loss_d, loss_g

    def simultaneous(self, x, y, z, _):
        """Both gradients from one pass. Two batches here: only that of the fakes is G's concern."""
        condition = self.d.condition(y)
        fake = self.d(self.g(z, y), condition)
        loss_d, loss_g = d_loss(self.d(x, condition), fake), g_loss(fake)
        loss_d.backward(inputs=self.d_parameters, retain_graph=True)
        loss_g.backward(inputs=self.g_parameters)
        self.move(self.d_optimizer)
        self.move(self.g_optimizer)
        return loss_d, loss_g

    def move(self, optimizer):
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def step(self, *batch):
        return getattr(self, ARGUMENTS.order)(*batch)


def finish(losses):
    return [loss.item() for loss in losses]


def main():
    torch.set_num_threads(ARGUMENTS.threads)
    torch.manual_seed(nets.SEED)
    who = "torch-compile" if ARGUMENTS.compile else "torch"
    if ARGUMENTS.trace:

        def begin(parameters):
            training = Training(parameters)
            return lambda *batch: finish(training.step(*map(torch.from_numpy, batch)))

        nets.check(ARGUMENTS, who, begin)
    random = np.random.default_rng(nets.SEED)
    training = Training(NET.initial(random))
    xs, ys = map(torch.from_numpy, nets.examples(ARGUMENTS, random))
    order = map(torch.from_numpy, nets.batches(ARGUMENTS.batch, len(xs), random))
    noise = (ARGUMENTS.batch, nets.NOISE)

    def step():
        chosen = next(order)
        x, y = xs.index_select(0, chosen), ys.index_select(0, chosen)
        if x.dtype == torch.uint8:
            x = x.float().mul_(1 / 255)
        z = torch.rand(noise)
        return training.step(x, y, z, torch.rand(noise) if ARGUMENTS.order == "alternating" else z)

    versions = {"torch": torch.__version__, "numpy": np.__version__}
    nets.measure(ARGUMENTS, who, versions, step, finish)


main()
