"""How a server on this machine gets its port for agents."""
import pathlib
import socket
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import local_herder  # noqa: E402

TAKEN = "herder up ended with status 1:\nerror: agents' listener 127.0.0.1:1: listening on 127.0.0.1:1: Address already in use"


class LastingPort(unittest.TestCase):
    def test_one_that_is_taken_is_not_given(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            first = taken.getsockname()[1]
            free = local_herder.lasting_port()
            with mock.patch.object(local_herder.secrets, "choice", side_effect=[first, free]):
                self.assertEqual(local_herder.lasting_port(), free)

    def test_where_none_can_be_bound_it_says_so(self):
        with mock.patch.object(local_herder.socket.socket, "bind", side_effect=OSError("not allowed")):
            with self.assertRaisesRegex(RuntimeError, "none of 100 ports .* can be bound.*not allowed"):
                local_herder.lasting_port()


class FirstStart(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.herder = local_herder.LocalHerder(place.name)
        self.asked = []

    def start(self, *errors):
        """Of a server that ends with one error after the other, then serves."""
        left = list(errors)

        def start(_limit_s):
            self.asked.append(self.herder._agent_listen())
            if left:
                raise RuntimeError(left.pop(0))
            return self.herder
        with mock.patch.object(self.herder, "_start", start):
            return self.herder.start()

    def test_takes_another_port_if_the_first_is_taken(self):
        self.start(TAKEN, TAKEN)
        self.assertEqual(len(set(self.asked)), 3, self.asked)
        self.start()
        self.assertEqual(self.asked[-1], self.asked[-2])

    def test_gives_up_at_last(self):
        with self.assertRaisesRegex(RuntimeError, "already in use"):
            self.start(*[TAKEN] * 9)
        self.assertEqual(len(self.asked), 5)

    def test_whatever_else_ends_it_is_told_at_once(self):
        with self.assertRaisesRegex(RuntimeError, "no such option"):
            self.start("no such option")
        self.assertEqual(len(self.asked), 1)

    def test_a_later_start_keeps_the_port(self):
        self.start()
        with self.assertRaisesRegex(RuntimeError, "already in use"):
            self.start(TAKEN)
        self.assertEqual(len(self.asked), 2)
        self.assertEqual(len(set(self.asked)), 1)


if __name__ == "__main__":
    unittest.main()
