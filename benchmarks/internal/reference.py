"""Answers what the reference implementation (numpy) says of verdicts on stdin; argument: the file of the reference."""
import json, sys

source = open(sys.argv[1]).read()
# Its tables need data that is not there; only its rules are wanted.
source = source.replace("exec(open(f'{D}/sections.py').read())\n", "").replace("if __name__ == '__main__': main()", "")
__file__ = sys.argv[1]
sys.argv = sys.argv[:1]
exec(source)

out = []
for case in json.load(sys.stdin):
    T = np.array([[[[np.nan if v is None else v for v in row] for row in m] for m in item] for item in case["T"]], float)
    Y = np.array([[[np.nan if v is None else v for v in row] for row in m] for m in case["Y"]], float)
    d = DS(); d.T, d.Y, d.n, d.judges = T, Y, T.shape[2], case["judges"]; d.calls = np.array(case["calls"], float)
    W = np.array(case["weights"], float); C = pairmean(T); n = T.shape[2]
    order = np.argsort(-kemeny(T), 1, kind="stable")
    cost = [sum(C[i, o[b], o[a]] for a in range(n) for b in range(a + 1, n)) for i, o in enumerate(order)]
    alpha = fit_bts(T)
    p = fit_ds(T)
    out.append({
        "borda": borda(T, W).tolist(), "majority": majority(T).tolist(), "schulze": schulze(T).tolist(), "bt": bt(T, W).tolist(),
        "mean-rank": meanrank(T, W).tolist(), "rrf": rrf(T, W).tolist(), "log-odds": wscore(T, W).tolist(), "kemenyCost": cost,
        "discrimination": alpha.tolist(), "judgeAware": bt(T, None, 1.0, alpha).tolist(), "dawidSkene": p.tolist(),
        "stacking": fit_stack_nn(T, Y, iters=200000).tolist(), "accuracy": sup_acc(T, Y).tolist(),
        "instability": flip_rate(d).tolist(), "effectiveVotes": [float(v) for v in neff(d)],
    })
print(json.dumps(out))
