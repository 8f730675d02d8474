from __future__ import annotations

import unittest

import project_b


class Greeting(unittest.TestCase):
    def test_greeting(self):
        self.assertEqual(project_b.greeting(), "helloFromProjectB")
