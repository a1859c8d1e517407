"""One call after the other, many at a time: ``parallel.py HOW [calls before]`` prints digests."""

import asyncio
import hashlib
import multiprocessing
import sys
from concurrent import futures

import numpy as np

import npstn

CALLS = range(6)


def digest(seed):
    """The bits of the module and its derivatives, on images large enough for Numba's threads."""
    rng = np.random.default_rng(seed)
    x, theta = rng.standard_normal((1, 150, 140, 3)), rng.standard_normal((1, 2, 3))
    out = npstn.spatial_transformer_network(x, theta)
    found = [out, *npstn.spatial_transformer_network_vjp(out, x, theta)]
    return hashlib.sha256(b"".join(a.tobytes() for a in found)).hexdigest()


class Digests:
    """A data set whose items take a call each."""

    def __len__(self):
        return len(CALLS)

    def __getitem__(self, index):
        return digest(index)


def loader(context):
    from torch.utils.data import DataLoader

    options = {"num_workers": 2, "multiprocessing_context": context}
    return [one for (one,) in DataLoader(Digests(), collate_fn=tuple, **options)]


def executor(kind, **options):
    with kind(**options) as pool:
        return list(pool.map(digest, CALLS))


def processes(context):
    options = {"max_workers": 2, "mp_context": multiprocessing.get_context(context)}
    return executor(futures.ProcessPoolExecutor, **options)


def pool(context):
    with multiprocessing.get_context(context).Pool(2) as workers:
        return workers.map(digest, CALLS)


def threads():
    return executor(futures.ThreadPoolExecutor, max_workers=4)


def coroutines():
    async def all_at_once():
        return await asyncio.gather(*(asyncio.to_thread(digest, seed) for seed in CALLS))

    return list(asyncio.run(all_at_once()))


def joblib(backend):
    from joblib import Parallel, delayed

    return Parallel(n_jobs=2, backend=backend)(delayed(digest)(seed) for seed in CALLS)


def series():
    return [digest(seed) for seed in CALLS]


if __name__ == "__main__":
    how, *options = sys.argv[1].split(",")
    if sys.argv[2:]:
        digest(0)
    print(*globals()[how](*options), sep="\n")
