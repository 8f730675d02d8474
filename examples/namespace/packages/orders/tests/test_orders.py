from __future__ import annotations

import importlib.util
import unittest

from shop.orders import line


class Orders(unittest.TestCase):
    def test_line(self):
        self.assertEqual(line("green_tea", 350), "greenTea: 3.50 EUR")

    def test_the_cart_is_not_here(self):
        self.assertIsNone(importlib.util.find_spec("shop.cart"))
