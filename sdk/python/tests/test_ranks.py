"""Several ranks: two real processes with torch over gloo, and what needs no torch."""

import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import unittest

from sandbox import SDK, SandboxTest

import herder

HERE = os.path.dirname(os.path.abspath(__file__))
TORCH = importlib.util.find_spec("torch") is not None


@unittest.skipUnless(TORCH, "no torch (Debian: python3-torch)")
class RanksTest(SandboxTest):
    lives = 0

    def run_ranks(self, mode, total, ask=("", ""), folder="run", size=2):
        """Runs the ranks to their end; a list with what each said, as (last line, all lines, status, stderr)."""
        self.lives += 1
        place = self.path(folder)
        os.makedirs(place, exist_ok=True)
        processes = []
        for rank in range(size):
            environ = {
                **os.environ, "PYTHONPATH": SDK, "RANK": str(rank), "WORLD_SIZE": str(size), "ASK": ask[rank],
                "STORE": self.path(f"store{self.lives}"), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo",
            }  # fmt: skip
            command = [sys.executable, os.path.join(HERE, "ranks_program.py"), mode, str(total)]
            processes.append(
                subprocess.Popen(
                    command, cwd=place, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
            )
        said = []
        for process in processes:
            out, error = process.communicate(timeout=300)
            lines = [json.loads(line) for line in out.splitlines()]
            said.append((lines[-1] if lines else {}, lines, process.returncode, error))
        return said

    def checkpoints(self, folder="run"):
        place = self.path(folder, "checkpoints")
        return sorted(name for name in os.listdir(place) if name.startswith("step-"))

    def test_a_stop_that_one_rank_sees_ends_all_after_the_same_step_and_the_end_is_bit_identical(self):
        (whole, *_), (other, *_) = self.run_ranks("together", 60, folder="whole")
        self.assertEqual(whole, other)
        for step, ask in ((10, ("", "stop:10")), (55, ("stop:55", "")), (60, ("", ""))):
            said = self.run_ranks("together", 60, ask)
            self.assertEqual([last["step"] for last, *_ in said], [step, step])
        self.assertEqual([lines[0]["resumed"] for _, lines, *_ in said], [55, 55])
        self.assertEqual(said[0][0], whole)
        self.assertEqual(said[1][0], whole)

    def test_the_trainer_stops_everywhere_at_once_and_tells_what_all_have_written(self):
        first, second = self.run_ranks("trainer", 9, ("", "stop:4"))
        self.assertEqual([first[0], second[0]], [{"step": 4}, {"step": 4}], first[3] + second[3])
        self.assertEqual(first[1][0], {"told": 4, "files": ["rng_1.json", "trainer_state.json"]})
        self.assertEqual(len(second[1]), 1)

    def test_every_rank_gets_its_own_shard_back(self):
        self.run_ranks("sharded", 3)
        said = self.run_ranks("sharded", 3)
        self.assertEqual([lines[0] for _, lines, *_ in said], [{"resumed": 3, "value": 3.0}, {"resumed": 3, "value": 4.0}])
        (alone,) = self.run_ranks("sharded", 3, size=1)
        self.assertIn("WrongRanks", alone[0]["error"])
        self.assertIn("2 ranks wrote their shards, and here are 1", alone[0]["error"])

    def test_a_part_that_is_torn_makes_all_ranks_take_the_one_before(self):
        self.run_ranks("sharded", 2)
        torn = self.path("run", "checkpoints", "step-000000002", "rank-00001", "arrays.safetensors")
        os.truncate(torn, os.path.getsize(torn) - 1)
        said = self.run_ranks("sharded", 1)
        self.assertEqual([lines[0]["resumed"] for _, lines, *_ in said], [1, 1])

    def test_all_ranks_or_nothing(self):
        for ask, text in (
            ("refuse:2", "rank 1 could not write its part: .*No space left|No space left"),
            ("unsaveable:2", "rank 1 failed|bad: .*without pickle"),
            ("broken:2", "rank 1 failed|no state"),
            ("metrics:2", "rank 1 failed|metric 'loss'"),
            ("unheld:2", "rank 1 failed|no copy"),
            ("at-once:2", "rank 1 failed|No space left"),
        ):
            folder = ask[:-2]
            said = self.run_ranks("sharded", 2, ("", ask), folder)
            for last, _, status, error in said:
                self.assertEqual(status, 1, f"{ask}: {error}")
                self.assertRegex(last["error"], text)
            self.assertEqual(self.checkpoints(folder), ["step-000000001"])

    def test_a_rank_that_dies_while_it_writes_leaves_the_checkpoint_before(self):
        first, second = self.run_ranks("sharded", 2, ("", "die:2"))
        self.assertEqual(second[2], -signal.SIGKILL)
        self.assertIn("rank 1 ended before its part was written", first[3])
        self.assertEqual(self.checkpoints(), ["step-000000001"])
        said = self.run_ranks("sharded", 2)
        self.assertEqual([lines[0]["resumed"] for _, lines, *_ in said], [1, 1])
        names = os.listdir(self.path("run", "checkpoints"))
        self.assertEqual([name for name in names if name.startswith(".tmp")], [])

    def test_files_of_all_ranks_are_sealed_once_all_have_written(self):
        files = [".metadata", "__0_0.distcp", "__1_0.distcp"]
        for last, _, _, error in self.run_ranks("files", 1):
            self.assertEqual(last, {"files": files, "path": "step-000000001"}, error)

    def test_files_of_two_ranks_resume_in_one_process_whatever_it_says_of_ranks(self):
        self.run_ranks("files", 1)
        os.chdir(self.path("run"))
        for mode in ("first", "sharded", "together"):
            with self.stderr():
                state = herder.CheckpointManager(ranks=mode).load_latest()
            self.assertEqual(state["step"], 1)
            self.assertTrue(state["random_state"])
            self.assertEqual(len(os.listdir(state["files"])), 3)

    def test_files_that_one_rank_cannot_write_leave_nothing(self):
        for last, _, status, _ in self.run_ranks("files", 1, ("refuse:1", "refuse:1")):
            self.assertEqual(status, 1)
            self.assertIn("No space left", last["error"])
        self.assertEqual(os.listdir(self.path("run", "checkpoints")), [])


class SamplerTest(SandboxTest):
    def test_a_loader_that_drops_the_last_samples_comes_to_the_next_epoch(self):
        def batches(sampler, count, size=32):
            taken, rounds = [], 0
            while len(taken) < count:
                rounds += 1
                self.assertLess(rounds, 3 * count)
                ahead = iter(list(sampler))  # as workers that read ahead do
                for batch in zip(*[ahead] * size):
                    taken.append(batch)
                    sampler.took(size)
                    if len(taken) == count:
                        break
            return taken

        whole = batches(herder.Sampler(100, seed=2), 9)
        self.assertEqual(len(set(whole)), 9)
        for stop in range(1, 9):
            first, again = herder.Sampler(100, seed=2), herder.Sampler(100, seed=2)
            taken = batches(first, stop)
            again.load_state_dict(json.loads(json.dumps(first.state_dict())))
            self.assertEqual(taken + batches(again, 9 - stop), whole)

    @unittest.skipUnless(TORCH, "no torch (Debian: python3-torch)")
    def test_with_a_loader_of_torch(self):
        from torch.utils.data import DataLoader

        sampler, epochs = herder.Sampler(100), []
        loader = DataLoader(range(100), batch_size=32, sampler=sampler, drop_last=True)
        for _ in range(9):
            for batch in loader:
                epochs.append(sampler.epoch)
                sampler.took(len(batch))
        self.assertEqual(epochs, [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3)

    def test_every_sample_comes_once_an_epoch_and_in_another_order_the_next(self):
        ranks = [herder.Sampler(10, seed=1, rank=rank, ranks=2) for rank in range(2)]
        first = [list(sampler) for sampler in ranks]
        self.assertEqual(sorted(first[0] + first[1]), list(range(10)))
        ranks[0].took(5)
        self.assertEqual((ranks[0].epoch, ranks[0].position), (1, 0))
        self.assertNotEqual(list(ranks[0]), first[0])
        self.assertEqual(list(herder.Sampler(5, shuffle=False)), [0, 1, 2, 3, 4])

    def test_it_goes_on_where_a_checkpoint_left_off_however_far_a_loader_read_ahead(self):
        whole, draw = [], random.Random(4)
        sampler = herder.Sampler(13, seed=2)
        for _ in range(3):
            whole += list(sampler)
            sampler.took(13)
        taken, sampler = [], herder.Sampler(13, seed=2)
        while len(taken) < len(whole):
            ahead = list(sampler)
            used = draw.randint(1, len(ahead))
            taken += ahead[:used]
            sampler.took(used)
            state, sampler = sampler.state_dict(), herder.Sampler(13, seed=2)
            sampler.load_state_dict(json.loads(json.dumps(state)))
            self.assertEqual(len(sampler), 13 - sampler.position)
        self.assertEqual(taken, whole)

    def test_another_order_is_refused(self):
        state = herder.Sampler(13, seed=2).state_dict()
        with self.assertRaisesRegex(ValueError, "length was 13 when it was saved and is 12 now"):
            herder.Sampler(12, seed=2).load_state_dict(state)
        with self.assertRaises(ValueError):
            herder.Sampler(1, rank=0, ranks=2)


class OptionTest(SandboxTest):
    def test_ranks_are_checked(self):
        with self.stderr(), self.assertRaisesRegex(ValueError, "ranks is 'all'; it is first, together or sharded"):
            herder.CheckpointManager(ranks="all")
        os.environ.update(RANK="1", WORLD_SIZE="2")
        with self.stderr(), self.assertRaisesRegex(ValueError, "init_process_group"):
            herder.CheckpointManager(ranks="together")

    def test_one_process_alone_may_say_together(self):
        with self.stderr():
            manager = herder.CheckpointManager(ranks="sharded", interval_steps=1)
        manager.save({"w": 1}, None, 1, epoch=4)
        state = manager.load_latest()
        self.assertEqual((state["model_state"], state["epoch"], state["step"]), ({"w": 1}, 4, 1))
        self.assertFalse(manager.should_stop)


if __name__ == "__main__":
    unittest.main()
