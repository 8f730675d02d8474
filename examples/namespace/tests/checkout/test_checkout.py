from __future__ import annotations

import unittest

from shop.cart import total
from shop.orders import line


class Checkout(unittest.TestCase):
    def test_both_speak_of_the_same_money(self):
        self.assertTrue(line("green_tea", 350).endswith(total([100, 250])))
