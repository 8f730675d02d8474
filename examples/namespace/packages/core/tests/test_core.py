from __future__ import annotations

import importlib.util
import unittest

from shop.core import euros


class Core(unittest.TestCase):
    def test_euros(self):
        self.assertEqual(euros(1205), "12.05 EUR")

    def test_alone(self):
        self.assertIsNone(importlib.util.find_spec("shop.cart"))
