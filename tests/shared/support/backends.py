"""Backends that do what they should not, as a child process finds them."""

import os
import signal
import sys
import time


def good(x, grid, *, align_corners=True):
    return x[:, : grid.shape[1]] * (1 if align_corners else 2)


def good_vjp(d_out, x, grid, *, align_corners=True):
    return d_out + x, grid * (1 if align_corners else 2)


def raises(x, grid, **options):
    raise ArithmeticError("no such image")


def leaves(x, grid, **options):
    sys.exit(4)


def wrong_shape(x, grid, **options):
    return x[0]


def writes(x, grid, **options):
    grid[...] = 7.0
    return x


def writes_vjp(d_out, x, grid, **options):
    d_out += 1.0
    return x, grid


def prints(x, grid, **options):
    print("here" * 500_000)
    os.write(1, b"and here" * 100_000)
    return x


def reads(x, grid, **options):
    return x + len(sys.stdin.read())


def hangs(x, grid, **options):
    time.sleep(60.0)


def late(x, grid, **options):
    time.sleep(1.0)
    return x


def late_vjp(d_out, x, grid, **options):
    time.sleep(1.0)
    return x, grid


def exits(x, grid, **options):
    print("the end of it", flush=True)
    os._exit(3)


def dies(x, grid, **options):
    os.kill(os.getpid(), signal.SIGSEGV)


def returns_a_list(x, grid, **options):
    return x.tolist()


def returns_none(x, grid, **options):
    return None
