"""The steps of suite.ts in PyTorch on CUDA: one JSON line per job with its milliseconds. `--tiny`: the same small shapes, on any device."""
import json
import statistics
import sys
import time

import torch

TINY = "--tiny" in sys.argv
if not torch.cuda.is_available() and not TINY:
    sys.exit("torch sees no CUDA device")
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def step_ms(model, forward, labels):
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    times = []
    for round_ in range(3 if TINY else 8):
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        steps = 1 if TINY else 20
        for _ in range(steps):
            optimizer.zero_grad()
            ((forward() - labels) ** 2).mean().backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        if round_ > 0:
            times.append((time.perf_counter() - start) * 1000 / steps)
    return statistics.median(times)


def tell(job, ms):
    print(json.dumps({"job": job, "torch": ms}), flush=True)


rows, days, hidden = (16, 8, 16) if TINY else (512, 60, 64)
lstm = torch.nn.ModuleList([torch.nn.LSTM(16, hidden, 2, batch_first=True), torch.nn.Linear(hidden, 1)]).to(DEVICE)
x = torch.randn(rows, days, 16, device=DEVICE)
ms = step_ms(lstm, lambda: lstm[1](lstm[0](x)[0][:, -1]), torch.randn(rows, 1, device=DEVICE))
tell(f"LSTM step B {rows}, T {days}, F 16, H {hidden}, 2 layers", ms)

for n in (40,) if TINY else (500, 2000):
    layer = torch.nn.ParameterDict(
        {name: torch.randn(shape, device=DEVICE) * 0.1 for name, shape in
         {"w": (16, 128), "target": (4, 32), "source": (4, 32), "head": (128, 1)}.items()}
    )
    features = torch.randn(n, 16, device=DEVICE)
    mask = torch.eye(n, dtype=torch.bool)
    for _ in range(20):
        mask[torch.arange(n), torch.randint(n, (n,))] = True
    target, source = mask.to(DEVICE).nonzero(as_tuple=True)

    def forward():
        h = (features @ layer["w"]).view(-1, 4, 32)
        scores = (h * layer["target"]).sum(-1)[target] + (h * layer["source"]).sum(-1)[source]
        weights = torch.exp(torch.nn.functional.leaky_relu(scores, 0.2))
        shares = weights / torch.zeros(n, 4, device=DEVICE).index_add(0, target, weights)[target]
        out = torch.zeros(n, 4, 32, device=DEVICE).index_add(0, target, shares[:, :, None] * h[source])
        return torch.nn.functional.elu(out.reshape(-1, 128)) @ layer["head"]

    tell(f"GAT step N {n}, 4 × 32", step_ms(layer, forward, torch.randn(n, 1, device=DEVICE)))
