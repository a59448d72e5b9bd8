#!/usr/bin/env python3
"""The training step in JAX: one line of JSON, as cgan's `steps` prints it."""

import os

import nets

# Before the imports, so that --help needs nothing, and since JAX reads these when it is imported.
ARGUMENTS = nets.arguments(__doc__)
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["PJRT_NPROC"] = os.environ["NPROC"] = str(ARGUMENTS.threads)

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

NET = nets.net_of(ARGUMENTS)


def dropout(x, key):
    """Four masks from one word of 32 random bits: these take most of the time of `jax.random.bernoulli`."""
    if ARGUMENTS.dropout == 0:
        return x
    words = jax.random.bits(key, (-(-x.size // 4),), jnp.uint32)
    bytes_ = lax.bitcast_convert_type(words, jnp.uint8).reshape(-1)[: x.size].reshape(x.shape)
    kept = bytes_ >= int(ARGUMENTS.dropout * nets.MASK_VALUES)
    return jnp.where(kept, x / (1 - ARGUMENTS.dropout), 0)


def linear(p, name, x):
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def maxout(x, pieces):
    return x.reshape(x.shape[0], pieces, -1).max(1)


def maxout_forward(x, pieces):
    y = maxout(x, pieces)
    return y, (x, y)


def maxout_backward(pieces, saved, dy):
    """Without the count of equal maxima that JAX's own rule divides by."""
    x, y = saved
    x = x.reshape(x.shape[0], pieces, -1)
    return (jnp.where(x == y[:, None], dy[:, None], 0).reshape(x.shape[0], -1),)


maxout.defvjp(maxout_forward, maxout_backward)


def hidden(x, pieces):
    return jax.nn.relu(x) if pieces == 1 else maxout(x, pieces)


def generator(p, z, y, key):
    keys = jax.random.split(key)
    h = jnp.concatenate([linear(p, "generator.z", z), linear(p, "generator.y", y)], axis=1)
    h = dropout(jax.nn.relu(h), keys[0])
    if NET.combined:
        h = dropout(jax.nn.relu(linear(p, "generator.combined", h)), keys[1])
    x = linear(p, "generator.output", h)
    return jax.nn.sigmoid(x) if NET.sigmoid else x


def condition(p, y):
    """What real and fake examples of the same conditions share."""
    return hidden(linear(p, "discriminator.y", y), NET.d_y[1])


def discriminator(p, x, condition, key):
    keys = jax.random.split(key)
    x = hidden(linear(p, "discriminator.x", x), NET.d_x[1])
    both = dropout(jnp.concatenate([x, condition], axis=1), keys[0])
    joint = dropout(hidden(linear(p, "discriminator.joint", both), NET.d_joint[1]), keys[1])
    return linear(p, "discriminator.output", joint)


def d_loss(real, fake):
    return jax.nn.softplus(-real).mean() + jax.nn.softplus(fake).mean()


def g_loss(fake):
    return jax.nn.softplus(-fake).mean()


def move(player, gradient):
    """SGD with momentum of one player: its parameters and their velocities."""
    w, v = player
    v = jax.tree.map(lambda v, g: nets.MOMENTUM * v - nets.RATE * g, v, gradient)
    return jax.tree.map(jnp.add, w, v), v


def alternating(g, d, x, y, z_d, z_g, key):
    keys = jax.random.split(key, 4)
    fake = generator(g[0], z_d, y, keys[0])

    def of_d(p):
        # One batch of twice the size is faster than two.
        c = condition(p, y)
        logits = discriminator(p, jnp.concatenate([x, fake]), jnp.concatenate([c, c]), keys[1])
        return d_loss(*jnp.split(logits, 2))

    loss_d, gradient = jax.value_and_grad(of_d)(d[0])
    d = move(d, gradient)

    def of_g(p):
        return g_loss(discriminator(d[0], generator(p, z_g, y, keys[2]), condition(d[0], y), keys[3]))

    loss_g, gradient = jax.value_and_grad(of_g)(g[0])
    return move(g, gradient), d, (loss_d, loss_g)


def simultaneous(g, d, x, y, z, _, key):
    """Both gradients from one pass. Two batches here: only that of the fakes is G's concern."""
    keys = jax.random.split(key, 3)
    c, back_c = jax.vjp(lambda p: condition(p, y), d[0])
    fake_x, back_g = jax.vjp(lambda p: generator(p, z, y, keys[0]), g[0])
    fake, back_fake = jax.vjp(lambda p, x, c: discriminator(p, x, c, keys[1]), d[0], fake_x, c)
    real, back_real = jax.vjp(lambda p, c: discriminator(p, x, c, keys[2]), d[0], c)
    loss_d, (d_real, d_fake) = jax.value_and_grad(d_loss, (0, 1))(real, fake)
    loss_g, g_fake = jax.value_and_grad(g_loss)(fake)
    # XLA removes what is not used of these.
    of_fake, _, c_fake = back_fake(d_fake)
    of_real, c_real = back_real(d_real)
    (of_c,) = back_c(c_fake + c_real)
    of_d = jax.tree.map(lambda *gradients: sum(gradients), of_fake, of_real, of_c)
    (of_g,) = back_g(back_fake(g_fake)[1])
    return move(g, of_g), move(d, of_d), (loss_d, loss_g)


def update(g, d, *batch):
    x, y, *rest = batch
    # A product with one-hot rows: XLA scatters gradients of a lookup one by one.
    y = jax.nn.one_hot(y, NET.y) if NET.labels else y
    return {"alternating": alternating, "simultaneous": simultaneous}[ARGUMENTS.order](g, d, x, y, *rest)


@partial(jax.jit, donate_argnums=(0,))
def step(state, xs, ys, chosen):
    """A step, all of it: the batch, the noise, both updates."""
    g, d, number = state
    keys = jax.random.split(jax.random.fold_in(jax.random.key(nets.SEED), number), 3)
    x, y = xs[chosen], ys[chosen]
    if x.dtype == jnp.uint8:
        x = x.astype(jnp.float32) / 255
    z_d, z_g = (jax.random.uniform(key, (ARGUMENTS.batch, nets.NOISE)) for key in keys[:2])
    g, d, losses = update(g, d, x, y, z_d, z_g, keys[2])
    return (g, d, number + 1), losses


def players(parameters):
    """G and D, each its parameters and its velocities."""
    for name in ("generator.", "discriminator."):
        w = {key: jnp.array(value) for key, value in parameters.items() if key.startswith(name)}
        yield w, jax.tree.map(jnp.zeros_like, w)


def finish(losses):
    return [float(loss) for loss in losses]


def main():
    if ARGUMENTS.trace:

        def begin(parameters):
            g, d = players(parameters)
            compiled = jax.jit(update)

            def one(*batch):
                nonlocal g, d
                g, d, losses = compiled(g, d, *batch, jax.random.key(nets.SEED))
                return finish(losses)

            return one

        nets.check(ARGUMENTS, "jax", begin)
    random = np.random.default_rng(nets.SEED)
    state = (*players(NET.initial(random)), jnp.uint32(0))
    xs, ys = map(jnp.asarray, nets.examples(ARGUMENTS, random))
    order = nets.batches(ARGUMENTS.batch, len(xs), random)

    def one():
        nonlocal state
        state, losses = step(state, xs, ys, next(order))
        return losses

    versions = {"jax": jax.__version__, "numpy": np.__version__}
    nets.measure(ARGUMENTS, "jax", versions, one, finish)


main()
