from __future__ import annotations

import importlib.util
import unittest

from shop.cart import total


class Cart(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([100, 250]), "3.50 EUR")

    def test_orders_are_not_here(self):
        self.assertIsNone(importlib.util.find_spec("shop.orders"))
