#!/usr/bin/env python3
"""Compares networks with rivals, case by case, and prints a table in Markdown: median milliseconds, and the
fastest rival's time over ours; and for each mode and batch the geometric mean over the networks, and the worst of them. The
rows of the modes `memory` and `resident` have megabytes, and the thriftiest rival's over ours.

For each case every rival runs, and ours right before it, on the same cores, so that both meet the same machine. The
multiply-adds that the cores can do are measured before and after each pair, and the time that other processes had on these
cores during it. A pair is thrown away and tried again where the first fell by more than 5 % below the best of this run, or
the others had more than 5 % of the cores; where no try was undisturbed, its numbers are shown with a star.

    python3 compare.py --ours target/release/examples/benchmark \\
        --rival 'burn=BIN/burn_flex {network} {mode} {batch}' \\
        --rival 'rten:infer=BIN/rten_onnx {network} {mode} {batch}' \\
        --rival 'PyTorch:train,infer,memory=VENV/bin/python rival.py torch {network} {mode} {batch}' \\
        --rival 'ONNX Runtime:infer,paced=VENV/bin/python rival.py onnxruntime {network} {mode} {batch}' \\
        [--only 'mlp train' --only 'detector infer 32'] [--rounds 3] [--cpus 0,1]

`--ours 'target/release/examples/benchmark suite'` takes one group of networks. A rival is NAME=COMMAND, or NAME:WORDS=COMMAND for some
networks and modes: `:stereo,detector,train`. Only who names `paced`, `memory` or `resident` is asked for that. Several of the same name share a
column. A command prints peer,network,mode,batch,median_ms,min_ms; one that prints no such line cannot do the case.
Each pair's lines go to standard error as they come. Linux only.
"""
import argparse
import dataclasses
import os
import resource
import shlex
import statistics
import subprocess
import sys
import time

MODES = ["train", "infer", "paced", "memory", "resident"]
MEMORY = ["memory", "resident"]
TOLERANCE = 0.05


@dataclasses.dataclass
class Rival:
    name: str
    networks: list
    modes: list
    command: str

    @staticmethod
    def parse(text):
        head, equals, command = text.partition("=")
        name, _, words = head.partition(":")
        words = words.split(",") if words else []
        modes = [word for word in words if word in MODES]
        if not (equals and name):
            raise argparse.ArgumentTypeError(f"`{text}` is no NAME=COMMAND or NAME:WORDS=COMMAND")
        return Rival(name, [word for word in words if word not in MODES], modes or ["train", "infer"], command)

    def knows(self, case):
        """Whether it is asked for a case."""
        network, mode, _ = case
        return network in (self.networks or [network]) and mode in self.modes


@dataclasses.dataclass
class Pair:
    """Median milliseconds of ours and a rival's, run one after the other."""

    ours: float
    rival: float
    disturbed: bool


class Machine:
    """The cores that everything runs on."""

    def __init__(self, cpus, ours):
        os.sched_setaffinity(0, cpus)
        for variable in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "RTEN_NUM_THREADS"):
            os.environ[variable] = str(len(cpus))
        self.cpus, self.ours, self.best = cpus, ours, 0.0
        self.best = max(self.peak() for _ in range(5))

    def run(self, command, case=None):
        """The numbers of the line that a command prints for a case, or None."""
        network, mode, batch = case or (None, None, None)
        words = shlex.split(command.format(network=network, mode=mode, batch=batch))
        output = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
        wanted = ["peak"] if case is None else [network, mode, str(batch)]
        for line in output.splitlines():
            fields = line.split(",")
            if (fields[:1] if case is None else fields[1:4]) == wanted:
                return [float(field) for field in fields[-2:]]
        return None

    def cases(self):
        """Network, mode and batch of all that ours can time."""
        words = shlex.split(f"{self.ours} list")
        lines = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        return [(network, mode, int(batch)) for network, mode, batch in (line.split(",") for line in lines)]

    def peak(self):
        """GFLOP/s of all cores; remembers the best."""
        found = self.run(f"{self.ours} peak")
        if found is None:
            sys.exit(f"`{self.ours} peak` prints no line")
        self.best = max(self.best, found[1])
        return found[1]

    def busy(self):
        """Seconds that these cores have worked so far, by whomever."""
        wanted = {f"cpu{cpu}" for cpu in self.cpus}
        with open("/proc/stat", encoding="ascii") as file:
            lines = [line.split() for line in file if line.split()[0] in wanted]
        # user, nice, system, idle, iowait, irq, softirq, and what the host of a virtual machine took away
        ticks = sum(int(line[column]) for line in lines for column in (1, 2, 3, 6, 7, 8))
        return ticks / os.sysconf("SC_CLK_TCK")

    def pair(self, rival, case):
        """Runs ours and a rival's; None if the rival cannot do the case."""

        def own():
            usages = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
            return sum(usage.ru_utime + usage.ru_stime for usage in usages)

        before, begin, busy, used = self.peak(), time.monotonic(), self.busy(), own()
        ours, rivals = self.run(f"{self.ours} {{network}} {{mode}} {{batch}}", case), self.run(rival.command, case)
        others = (self.busy() - busy) - (own() - used)
        share = others / ((time.monotonic() - begin) * len(self.cpus))
        after = self.peak()
        if ours is None:
            sys.exit(f"ours prints no line for {case}")
        if rivals is None:
            return None
        disturbed = min(before, after) < (1 - TOLERANCE) * self.best or share > TOLERANCE
        note = " disturbed" if disturbed else ""
        print(f"{' '.join(map(str, case))}: ours {ours[0]:.4f}, {rival.name} {rivals[0]:.4f},", end=" ", file=sys.stderr)
        print(f"peak {before:.0f}, {after:.0f} GFLOP/s, others {share:.1%}{note}", file=sys.stderr, flush=True)
        return Pair(ours[0], rivals[0], disturbed)

    def pairs(self, rival, case, rounds, tries):
        """Undisturbed pairs, or if there are none, disturbed ones. Memory is the same on a busy machine."""
        if case[1] in MEMORY:
            pair = self.pair(rival, case)
            return [dataclasses.replace(pair, disturbed=False)] if pair else []
        good, bad = [], []
        for _ in range(rounds + tries):
            pair = self.pair(rival, case)
            if pair is None:
                break
            (bad if pair.disturbed else good).append(pair)
            if len(good) == rounds:
                break
        return good or bad


def cell(times):
    """The median of times in milliseconds, each with whether it was disturbed."""
    if not times:
        return ""
    median = statistics.median(time for time, _ in times)
    digits = 4 if median < 1 else 2 if median < 100 else 0
    return f"{median:.{digits}f}" + ("*" if any(disturbed for _, disturbed in times) else "")


def summary(ratios):
    """Lines with the geometric mean of the ratios of each mode, at batch 1 and at more, and with the worst."""
    groups = {}
    for (network, mode, batch), ratio in ratios.items():
        groups.setdefault((mode, "1" if batch == 1 else "more"), []).append((ratio, network))
    yield "| mode, batch | networks | geometric mean | worst |"
    yield "| --- | ---: | ---: | --- |"
    for (mode, batch), found in groups.items():
        least, network = min(found)
        mean = statistics.geometric_mean(ratio for ratio, _ in found)
        yield f"| {mode}, {batch} | {len(found)} | {mean:.2f} | {least:.2f} ({network}) |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True, help="the program of examples/benchmark")
    parser.add_argument("--rival", action="append", required=True, type=Rival.parse, dest="rivals", metavar="NAME=COMMAND")
    parser.add_argument("--only", action="append", help="cases that begin so; may be given several times")
    parser.add_argument("--rounds", type=int, default=3, help="undisturbed pairs of each case and rival")
    parser.add_argument("--tries", type=int, default=3, help="how many disturbed pairs of a case are tried again")
    parser.add_argument("--cpus", default=",".join(map(str, sorted(os.sched_getaffinity(0)))))
    options = parser.parse_args()

    machine = Machine({int(cpu) for cpu in options.cpus.split(",")}, options.ours)
    names = list(dict.fromkeys(rival.name for rival in options.rivals))
    start, ratios = time.monotonic(), {}
    print(f"Peak at the beginning: {machine.best:.0f} GFLOP/s on {len(machine.cpus)} cores.\n")
    print(f"| network, mode, batch | network! | {' | '.join(names)} | best rival over ours |")
    print(f"| --- | ---: |{' ---: |' * len(names)} ---: |")
    for case in machine.cases():
        words = " ".join(map(str, case))
        if options.only and not any((words + " ").startswith(only + " ") for only in options.only):
            continue
        found = {name: [] for name in names}
        for rival in options.rivals:
            if rival.knows(case):
                found[rival.name] += machine.pairs(rival, case, options.rounds, options.tries)
        found = {name: pairs for name, pairs in found.items() if pairs}
        if not found:
            continue
        cells = [cell([(pair.rival, pair.disturbed) for pair in found.get(name, [])]) for name in names]
        everything = [(pair.ours, pair.disturbed) for pairs in found.values() for pair in pairs]
        ours = cell([(time, disturbed) for time, disturbed in everything if not disturbed] or everything)
        fastest = min(found, key=lambda name: statistics.median(pair.rival for pair in found[name]))
        # Both of a pair met one state of the machine, the medians over all pairs did not.
        ratio = statistics.median(pair.rival / pair.ours for pair in found[fastest])
        ratios[case] = ratio
        print(f"| {', '.join(map(str, case))} | {ours} | {' | '.join(cells)} | {ratio:.2f} ({fastest}) |", flush=True)
    print("", *summary(ratios), sep="\n")
    print("\n\\* The peak had fallen, or other processes had the cores.")
    print(f"{(time.monotonic() - start) / 60:.0f} minutes.", file=sys.stderr)


if __name__ == "__main__":
    main()
