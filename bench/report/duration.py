"""How long a run will take, before it begins."""
# Seconds of one repetition of one contender, the pause before it included: means of a run on two cores. A rough
# guide; the progress line corrects it as it goes.
SECONDS = {"P1": 0.11, "P2": 0.40, "P3": 0.11, "P4": 0.26, "P5": 0.22, "P6": 0.60, "P7": 1.0, "P8": 0.50, "P9": 0.13,
           "P10": 1.1, "P12": 1.9}
SMOKE_SECONDS = 0.05


def expected_s(catalogue, smoke):
    runs = [(contest["question"], len(contest["contenders"])) for contest in catalogue["contests"]]
    each = {} if smoke else SECONDS
    default = SMOKE_SECONDS if smoke else 0.3
    return catalogue["repetitions"] * sum(each.get(question, default) * contenders for question, contenders in runs)
