"""The same jobs in numpy, scipy and scikit-learn, for the ratios in bench/RESULTS.md: `python3 bench/peers/python.py`.

Prints one line per job: the median of five rounds in milliseconds. One thread, as ours (OMP_NUM_THREADS=1 before numpy loads).
"""
import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402
from scipy.cluster.hierarchy import linkage  # noqa: E402
from scipy.spatial.distance import squareform  # noqa: E402
from sklearn.linear_model import ElasticNet, Lasso, Ridge  # noqa: E402

ROUNDS = 5
random = np.random.default_rng(1)


def bench(job, run):
    run()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    print(f"{job}: {statistics.median(times):.1f} ms", flush=True)


for n in (500, 2000):
    returns = random.standard_normal((2520, n)) * 0.01
    bench(f"numpy covariance 2520 x {n}", lambda: np.cov(returns, rowvar=False))

correlation = np.corrcoef(random.standard_normal((2520, 2000)), rowvar=False)
distance = np.sqrt(np.clip((1 - correlation) / 2, 0, 1))
np.fill_diagonal(distance, 0)
condensed = squareform(distance, checks=False)
for method in ("single", "ward"):
    bench(f"scipy linkage 2000 {method}", lambda: linkage(condensed, method))

features = random.standard_normal((1_500_000, 20))
target = features @ random.standard_normal(20) * 0.01 + random.standard_normal(1_500_000)
bench("scikit-learn ridge 1.5 M x 20", lambda: Ridge(alpha=1.0).fit(features, target))
bench("scikit-learn lasso 1.5 M x 20", lambda: Lasso(alpha=0.001).fit(features, target))
bench("scikit-learn elastic net 1.5 M x 20", lambda: ElasticNet(alpha=0.001).fit(features, target))
