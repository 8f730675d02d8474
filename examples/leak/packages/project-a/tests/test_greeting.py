from __future__ import annotations

import unittest

import project_a


class Greeting(unittest.TestCase):
    def test_greeting(self):
        self.assertEqual(project_a.greeting(), "helloFromProjectA")
