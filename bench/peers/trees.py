"""The jobs of bench/quant/trees.bench.ts in scikit-learn, one thread: `python3 bench/peers/trees.py`. Medians of three rounds."""
import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402
from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: E402

random = np.random.default_rng(1)
X = random.standard_normal((190_000, 40))
noise = 0.2 * random.standard_normal(len(X))
y = 0.05 * X[:, 0] + 0.03 * np.sin(2 * X[:, 1]) + 0.02 * X[:, 2] * X[:, 3] + noise

times = []
for _ in range(3):
    start = time.perf_counter()
    model = HistGradientBoostingRegressor(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20, early_stopping=False
    ).fit(X, y)
    times.append((time.perf_counter() - start) * 1000)
fit = np.mean((model.predict(X) - y) ** 2)
print(f"scikit-learn gradient boosting 190,000 x 40 x 100 rounds x 31 leaves: {statistics.median(times):.1f} ms, mse {fit:.6f}")
