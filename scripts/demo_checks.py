"""What must hold at the end of the demo. Each check gives whether it holds, a title and the evidence."""
import hashlib
import json
import pathlib

from demo_view import dollars, to_micros
from local_herder import TimedOut, wait_for

SETTLE_LIMIT_S = 120
ACCRUAL_TOLERANCE = 0.02
USED_BEFORE = "setup has run in this folder before"


def resumed_elsewhere(api, job, taken_at):
    """One check for each move: a step above zero, another contract, an empty folder.

    `taken_at` holds the step at which each machine was taken, as far as one outside can know it.
    """
    attempts = job["attempt_list"]
    used = USED_BEFORE in api.logs(job["id"], "out") + api.logs(job["id"], "err")
    for number, (before, after) in enumerate(zip(attempts, attempts[1:])):
        step = after.get("resumed_step") or 0
        holds = step > 0 and after["contract"] != before["contract"] and not used
        reached = max(before.get("last_step") or 0, taken_at[number] if number < len(taken_at) else 0)
        repeated = max(0, reached - step)
        yield (holds, f"resumed after step {step} on another machine, in an empty folder",
               f"contract {after['contract']} after contract {before['contract']}; about {repeated} steps repeated")


def weights_identical(api, job, reference):
    """The weights that the job left, against those of the run that nobody interrupted."""
    ours = pathlib.Path(reference, "weights.bin").read_bytes()
    expected = hashlib.sha256(ours).hexdigest()
    got = hashlib.sha256(api.bytes("GET", f"/api/v1/jobs/{job['id']}/outputs/weights.bin")).hexdigest()
    result = json.loads(pathlib.Path(reference, "result.json").read_text())
    return (got == expected, "final weights identical, bit by bit, to a run that was never interrupted",
            f"sha256 {got[:32]}...  the job's\nsha256 {expected[:32]}...  uninterrupted, "
            f"accuracy {100 * result['accuracy']:.1f} %")


def nothing_left(market):
    try:
        wait_for("the market to be empty", lambda: not market.alive(), SETTLE_LIMIT_S)
    except TimedOut:
        pass
    machines, alive = market.machines(), market.alive()
    return (not alive, "no machine left on the market",
            f"{len(machines)} rented, {len(machines) - len(alive)} gone, {len(alive)} still there")


def charges_of(job):
    """The charges of each contract in our ledger, in micro-dollars."""
    charges = {}
    for attempt in job["attempt_list"]:
        contract = int(attempt["contract"])
        charges[contract] = charges.get(contract, 0) + to_micros(attempt["charged"])
    return charges


def ledger_equals_bill(api, market, name):
    """Charges contract by contract, and their sum in the cost report."""
    def same():
        bill = {row["contract"]: row["charged_micros"] for row in market.bill()["contracts"]}
        return charges_of(api.job(name)) == {c: m for c, m in bill.items() if m or c in charges_of(api.job(name))}
    try:
        wait_for("the charges to arrive", same, SETTLE_LIMIT_S, every_s=0.3)
        holds = True
    except TimedOut:
        holds = False
    charged = to_micros(api.get("/api/v1/cost/report?by=job")["total_charged"])
    billed = market.bill()["charged_total_micros"]
    return (holds and charged == billed > 0, "the charges in our ledger equal the market's bill",
            f"ledger {dollars(charged)}, bill {dollars(billed)}, over {len(market.bill()['contracts'])} contracts")


def accrual_near_truth(api, market):
    ours = to_micros(api.get("/api/v1/cost/report?by=job")["total_cost"])
    truth = market.bill()["total_micros"]
    off = abs(ours - truth) / max(1, truth)
    return (off <= ACCRUAL_TOLERANCE, "our own count of the cost is within 2 % of the market's truth",
            f"ours {dollars(ours)}, truth {dollars(truth)}, off by {100 * off:.2f} %")


def all_checks(api, market, name, reference, taken_at):
    """Yields (holds, title, detail), in the order in which they are shown."""
    job = api.job(name)
    yield (len(job["attempt_list"]) > len(taken_at), "the market took the machine" + ("" if len(taken_at) == 1 else f" {len(taken_at)} times"),
           f"{len(job['attempt_list'])} attempts")
    yield (job["status"] == "succeeded", "the job succeeded", f"{job['id']}: {job['status_text']}")
    yield from resumed_elsewhere(api, job, taken_at)
    yield weights_identical(api, job, reference)
    yield nothing_left(market)
    yield ledger_equals_bill(api, market, name)
    yield accrual_near_truth(api, market)
