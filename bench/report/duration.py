"""How long a run will take, before it begins."""
# Seconds of one repetition of one contender, the pause before it included: means of a run on two cores. A rough
# guide; the progress line corrects it as it goes.
SECONDS = {"P1": 0.12, "P2": 0.30, "P3": 0.10, "P4": 0.12, "P5": 0.25, "P6": 0.55, "P7": 0.9, "P8": 0.25, "P9": 0.15,
           "P10": 0.35, "P12": 1.8}
SMOKE_SECONDS = 0.06


def expected_s(catalogue, smoke):
    runs = [(contest["question"], len(contest["contenders"])) for contest in catalogue["contests"]]
    each = {} if smoke else SECONDS
    default = SMOKE_SECONDS if smoke else 0.3
    return catalogue["repetitions"] * sum(each.get(question, default) * contenders for question, contenders in runs)
