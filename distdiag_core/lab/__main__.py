import asyncio, sys, time
from distdiag_core import lab

t = time.time()


def p(x):
    print(f"{time.time() - t:6.2f} {x}", flush=True)


v = sys.argv[1]
if v == "down":
    asyncio.run(lab.down(p))
else:
    s = asyncio.run(
        lab.up(int(sys.argv[2]) if len(sys.argv) > 2 else 3, install=False, progress=p) if v == "up" else lab.status()
    )
    print(s.kind, s.losses, s.cluster_file)
    for n in s.nodes:
        print(n)
print(f"{time.time() - t:.2f} s")
