"""The network steps of bench/compute in PyTorch, for the ratios in bench/RESULTS.md: `python3 bench/peers/networks.py [threads]`.

Prints one line per job: the median of five rounds in milliseconds, and the fastest.
"""
import statistics
import sys
import time

import torch

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
ROUNDS = 5
torch.set_num_threads(THREADS)
torch.manual_seed(1)


def bench(job, run, rounds=ROUNDS):
    for _ in range(2):
        run()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    print(f"{job}, {THREADS} thread(s): {statistics.median(times):.2f} ms ({min(times):.2f})", flush=True)


class Forecaster(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(16, 64, 2, batch_first=True)
        self.head = torch.nn.Linear(64, 1)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.head(states[:, -1])


class Attention(torch.nn.Module):
    """Four heads of 32 channels over a dense mask, and over an edge list with scatter."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.randn(16, 128) * 0.1)
        self.a_target = torch.nn.Parameter(torch.randn(4, 32) * 0.1)
        self.a_source = torch.nn.Parameter(torch.randn(4, 32) * 0.1)
        self.head = torch.nn.Linear(128, 1)

    def dense(self, x, mask):
        h = (x @ self.w).view(-1, 4, 32)
        s = (h * self.a_target).sum(-1)
        d = (h * self.a_source).sum(-1)
        scores = torch.nn.functional.leaky_relu(s[:, None] + d[None], 0.2).masked_fill(~mask[:, :, None], -torch.inf)
        out = torch.einsum("ijh,jhc->ihc", torch.softmax(scores, 1), h).reshape(-1, 128)
        return self.head(torch.nn.functional.elu(out))

    def sparse(self, x, target, source):
        n = len(x)
        h = (x @ self.w).view(-1, 4, 32)
        s = (h * self.a_target).sum(-1)
        d = (h * self.a_source).sum(-1)
        weights = torch.exp(torch.nn.functional.leaky_relu(s[target] + d[source], 0.2))
        total = torch.zeros(n, 4).index_add(0, target, weights)
        shares = weights / total[target]
        out = torch.zeros(n, 4, 32).index_add(0, target, shares[:, :, None] * h[source]).reshape(-1, 128)
        return self.head(torch.nn.functional.elu(out))


def training_step(model, forward, y):
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)

    def step():
        optimizer.zero_grad()
        ((forward() - y) ** 2).mean().backward()
        optimizer.step()

    return step


model = Forecaster()
x = torch.randn(512, 60, 16)
bench("LSTM step B 512, T 60, F 16, H 64, 2 layers", training_step(model, lambda: model(x), torch.randn(512, 1)))
with torch.no_grad():
    bench("LSTM forward", lambda: model(x))
for n in (500, 2000):
    attention = Attention()
    features = torch.randn(n, 16)
    labels = torch.randn(n, 1)
    mask = torch.eye(n, dtype=torch.bool)
    for _ in range(20):
        mask[torch.arange(n), torch.randint(n, (n,))] = True
    target, source = mask.nonzero(as_tuple=True)
    bench(f"GAT step N {n}, dense", training_step(attention, lambda: attention.dense(features, mask), labels))
    bench(
        f"GAT step N {n}, E {len(target)}, scatter",
        training_step(attention, lambda: attention.sparse(features, target, source), labels),
    )
