"""Measure what an audit costs: the speed that a program keeps, and the memory that it takes more.

Blocks of training steps of a small spatial transformer network, with and without an audit, in
turns: the median of the ratios of their speeds. And the most memory that NumPy's arrays take in an
audit, in calls: the bytes of input, grid and output.
"""

import argparse
import statistics
import subprocess
import sys
import time
import tracemalloc
from contextlib import nullcontext

BATCH = 256


class Program:
    """A network and its training."""

    def __init__(self, side: int) -> None:
        import torch

        torch.manual_seed(0)
        torch.set_num_threads(1)  # more wait for each other wherever something else runs
        self.side = side
        self.hidden, self.maps = torch.nn.Linear(side**2, 32), torch.nn.Linear(32, 6)
        self.classes = torch.nn.Linear(side**2 // 4, 10)
        self.maps.weight.data.mul_(0.1)
        self.maps.bias.data.copy_(torch.tensor([0.9, 0.1, 0.05, -0.1, 0.9, 0.03]))
        layers = self.hidden, self.maps, self.classes
        self.optimizer = torch.optim.Adam([p for a in layers for p in a.parameters()], 1e-4)
        self.x, self.y = torch.rand(BATCH, 1, side, side), torch.randint(0, 10, (BATCH,))

    def step(self) -> None:
        """Train once."""
        from torch.nn import functional as F  # noqa: N812

        theta = self.maps(self.hidden(self.x.flatten(1)).relu()).view(-1, 2, 3)
        size = BATCH, 1, self.side // 2, self.side // 2
        grid = F.affine_grid(theta, size, align_corners=False)
        out = F.grid_sample(self.x, grid, align_corners=False)
        loss = F.cross_entropy(self.classes(out.flatten(1)), self.y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def run(self, seconds: float, audited: bool, budget: float) -> float:
        """Train for some seconds: steps a second."""
        from npstn.conformance import audit

        with audit(budget=budget) if audited else nullcontext():
            begun, count = time.perf_counter(), 0
            while time.perf_counter() - begun < seconds:
                self.step()
                count += 1
            return count / (time.perf_counter() - begun)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of a block (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="blocks of each (%(default)s)")
    parser.add_argument("--budget", type=float, default=0.1, help="of the audit (%(default)s)")
    parser.add_argument("--side", type=int, default=40, help="of an image (%(default)s)")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    program = Program(options.side)
    if options.memory:
        tracemalloc.start()
        program.run(options.seconds, True, options.budget)
        print(tracemalloc.get_traced_memory()[1])
        return
    rates: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(options.rounds):
        for audited, found in rates.items():
            found.append(program.run(options.seconds, audited, options.budget))
            name = "audited" if audited else "plain"
            print(f"{name}: {found[-1]:.1f} steps a second", flush=True)
    kept = statistics.median(b / a for a, b in zip(rates[False], rates[True], strict=True))
    print(f"speed kept: {kept:.1%}, with a budget of {options.budget:.0%}")
    side = 4 * options.side
    command = [sys.executable, *sys.argv, "--memory", "--side", str(side)]
    more = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    call = 4 * BATCH * (side**2 + 3 * (side // 2) ** 2)
    print(f"memory added: {more / call:.2f} calls of {call / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
