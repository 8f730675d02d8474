from __future__ import annotations

import unittest

import serving


class Serving(unittest.TestCase):
    def test_health(self):
        self.assertIn(serving.health(), ("ready on cpu", "ready on cuda"))
