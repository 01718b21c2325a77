"""Groups a second of the reference implementation (numpy, all groups at once); arguments: its file, groups, rounds."""
import json, sys, time

source = open(sys.argv[1]).read()
source = source.replace("exec(open(f'{D}/sections.py').read())\n", "").replace("if __name__ == '__main__': main()", "")
__file__ = sys.argv[1]
groups, rounds = int(sys.argv[2]), int(sys.argv[3])
sys.argv = sys.argv[:1]
exec(source)

s = np.random.default_rng(0).random((groups, 5, 4))
T = np.sign(s[:, :, :, None] - s[:, :, None, :]) / 2 + 0.5
e = np.arange(4); T[:, :, e, e] = np.nan
out = {}
for name, rule in (("borda", borda), ("bradley-terry", bt), ("kemeny", kemeny), ("schulze", schulze)):
    took = []
    for _ in range(rounds):
        start = time.perf_counter(); rule(T); took.append(time.perf_counter() - start)
    out[name] = groups / sorted(took)[len(took) // 2]
print(json.dumps(out))
