"""Bradley-Terry of the Python library choix: milliseconds of small groups and of one large graph, medians, as JSON."""
import json, sys, time
import numpy as np
import choix

groups, models, comparisons, rounds = map(int, sys.argv[1:5])
rng = np.random.default_rng(1)

def median(run):
    took = []
    for _ in range(rounds):
        start = time.perf_counter(); run(); took.append(1000 * (time.perf_counter() - start))
    return sorted(took)[len(took) // 2]

orders = [[tuple(rng.permutation(4)) for _ in range(5)] for _ in range(groups)]
pairs = [[(o[i], o[j]) for o in group for i in range(4) for j in range(i + 1, 4)] for group in orders]
small = median(lambda: [choix.opt_pairwise(4, group, alpha=0.3) for group in pairs])
strength = rng.normal(size=models)
a = rng.integers(models, size=comparisons); b = (a + 1 + rng.integers(models - 1, size=comparisons)) % models
won = rng.random(comparisons) < 1 / (1 + np.exp(strength[b] - strength[a]))
winner, loser = np.where(won, a, b), np.where(won, b, a)

def large():
    matrix = np.zeros((models, models)); np.add.at(matrix, (winner, loser), 1)
    choix.ilsr_pairwise_dense(matrix, alpha=0.01)

print(json.dumps({"groups": small, "graph": median(large)}))
